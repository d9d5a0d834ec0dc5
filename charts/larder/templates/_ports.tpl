{{/* The ports that the server connects to, as a JSON list: those of the values, and those that URLs in them name. */}}
{{- define "larder.egressPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.upstreamPorts -}}
{{- $ports = append $ports (int . | toString) -}}
{{- end -}}
{{- $places := dict "proxy" .Values.proxy "storage" .Values.storage.url "config" .Values.config "env" .Values.extraEnv -}}
{{- range regexFindAll "https?://([^/@, \"]*@)?([^][/:@?&#, \"]+|\\[[^] ]*\\])(:[0-9]+)?[/?&#, \"]" (toRawJson $places) -1 -}}
{{- $named := regexFind ":[0-9]+.$" . | regexFind "[0-9]+" -}}
{{- $ports = append $ports (default (ternary "443" "80" (hasPrefix "https" .)) $named) -}}
{{- end -}}
{{- if not (include "larder.onSQLite" .) -}}
{{- /* Of postgresql://user:password@host:port,host:port/name?options only the hosts. */ -}}
{{- $hosts := regexReplaceAll "^[a-z]+://([^@]*@)?|[/?].*$" .Values.database.url "" -}}
{{- range splitList "," $hosts -}}
{{- $named := regexFind ":[0-9]+$" . | trimPrefix ":" -}}
{{- $ports = append $ports (default (toString $.Values.networkPolicy.databasePort) $named) -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | sortAlpha | toJson -}}
{{- end -}}
