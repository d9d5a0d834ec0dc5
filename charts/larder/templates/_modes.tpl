{{/* Each of these is a text that is empty for "no". */}}

{{/* The database is a file on the volume. */}}
{{- define "larder.onSQLite" -}}
{{- if and (not .Values.database.existingSecret) (hasPrefix "sqlite" .Values.database.url) }}yes{{ end -}}
{{- end -}}

{{/* The files are on the volume. */}}
{{- define "larder.onDirectory" -}}
{{- $url := .Values.storage.url -}}
{{- if and (not .Values.storage.existingSecret) (or (eq $url "directory") (hasPrefix "file:" $url)) }}yes{{ end -}}
{{- end -}}

{{/* The pod's volume holds what must not be lost, so there is one pod. */}}
{{- define "larder.hasState" -}}
{{- if or (include "larder.onSQLite" .) (include "larder.onDirectory" .) }}yes{{ end -}}
{{- end -}}

{{- define "larder.mayHaveSeveral" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicaCount) 1) }}yes{{ end -}}
{{- end -}}

{{/* What clients call this server: the setting, else the first host that leads here. */}}
{{- define "larder.publicURL" -}}
{{- if .Values.publicURL -}}
{{- .Values.publicURL -}}
{{- else if and .Values.ingress.enabled .Values.ingress.hosts -}}
{{- printf "%s://%s%s" (ternary "https" "http" (not (empty .Values.ingress.tls))) (first .Values.ingress.hosts) (printf "/%s" (trimPrefix "/" .Values.ingress.path)) -}}
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}
{{- printf "%s://%s/" .Values.httpRoute.scheme (first .Values.httpRoute.hostnames) -}}
{{- end -}}
{{- end -}}

{{/* How long a start may take: waiting for the database, its tables, and a minute for the rest. */}}
{{- define "larder.startupSeconds" -}}
{{- add (int .Values.database.startupWaitSeconds) (int .Values.database.migrationSeconds) 60 -}}
{{- end -}}

{{/* The names that the Service has within the cluster, and those of the values. */}}
{{- define "larder.allowedHosts" -}}
{{- $name := include "larder.fullname" . -}}
{{- $space := .Release.Namespace -}}
{{- $own := list "localhost" "127.0.0.1" "[::1]" $name (printf "%s.%s" $name $space) (printf "%s.%s.svc" $name $space) (printf "%s.%s.svc.cluster.local" $name $space) -}}
{{- concat $own .Values.allowedHosts | uniq | join "," -}}
{{- end -}}
