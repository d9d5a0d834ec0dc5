{{/* Combinations that cannot work, each refused with a sentence. */}}
{{- define "larder.refuseWrongValues" -}}
{{- if include "larder.mayHaveSeveral" . -}}
{{- if include "larder.onSQLite" . -}}
{{- fail "Several replicas cannot share SQLite, which is a file of one pod: set database.existingSecret to a Secret with a postgresql:// URL, or replicaCount to 1 and autoscaling.enabled to false." -}}
{{- end -}}
{{- if include "larder.onDirectory" . -}}
{{- fail "Several replicas cannot share a directory of one pod: set storage.url to a bucket (s3://… or gs://…), or replicaCount to 1 and autoscaling.enabled to false." -}}
{{- end -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (empty .Values.ingress.hosts) -}}
{{- fail "ingress.enabled needs at least one host name in ingress.hosts." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (empty .Values.httpRoute.hostnames) -}}
{{- fail "httpRoute.enabled needs at least one host name in httpRoute.hostnames." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (empty .Values.httpRoute.parentRefs) (not .Values.gateway.create) -}}
{{- fail "httpRoute.enabled needs a Gateway: set httpRoute.parentRefs, or gateway.create to true." -}}
{{- end -}}
{{- if and .Values.gateway.create (not .Values.httpRoute.enabled) -}}
{{- fail "gateway.create makes a Gateway for the HTTPRoute: set httpRoute.enabled to true." -}}
{{- end -}}
{{- if and .Values.gateway.create (not (and .Values.gateway.className .Values.gateway.tlsSecretName)) -}}
{{- fail "gateway.create needs gateway.className and gateway.tlsSecretName." -}}
{{- end -}}
{{- if and (not .Values.metrics.enabled) .Values.metrics.serviceMonitor.enabled -}}
{{- fail "metrics.serviceMonitor.enabled needs metrics.enabled." -}}
{{- end -}}
{{- include "larder.refuseSmallVolumes" . -}}
{{- range $key, $value := include "larder.ownSettings" . | fromYaml -}}
{{- if hasKey $.Values.config $key -}}
{{- fail (printf "config.%s would not fit what the chart makes around the server: set %s." $key $value) -}}
{{- end -}}
{{- end -}}
{{- if dig "cache" "max_size" "" .Values.config -}}
{{- fail "config.cache.max_size would not fit the volume that the chart makes: set storage.maxSize." -}}
{{- end -}}
{{- end -}}

{{/* Settings that probes, volumes, Services and the time to end depend on, and the values for them. */}}
{{- define "larder.ownSettings" -}}
listen: bindAddress and service.port
metrics_listen: metrics.enabled
data: persistence, for the volume that is mounted there
database: database.existingSecret
startup_wait_seconds: database.startupWaitSeconds
storage: storage.url or storage.existingSecret
storage_tier: storage.tier.size
public_url: publicURL
drain_delay_seconds: drain.delaySeconds
drain_seconds: drain.seconds
{{- end -}}

{{/* A volume that what is stored fills lets nothing be written, and an emptyDir ends its pod. */}}
{{- define "larder.refuseSmallVolumes" -}}
{{- $tier := include "larder.tierBytes" . | float64 -}}
{{- $volume := include "larder.bytes" .Values.persistence.size | float64 -}}
{{- if not (include "larder.hasState" .) -}}
{{- if gt $tier (include "larder.bytes" .Values.storage.tier.volumeSize | float64) -}}
{{- fail "storage.tier.volumeSize must be more than storage.tier.size by a fifth at least: what is being written is there as well." -}}
{{- end -}}
{{- else if and .Values.persistence.enabled .Values.persistence.existingClaim -}}
{{- else if include "larder.onDirectory" . -}}
{{- if ge (include "larder.bytes" .Values.storage.maxSize | float64) $volume -}}
{{- fail "persistence.size must be more than storage.maxSize: the database and what is being written are on that volume as well." -}}
{{- end -}}
{{- else if gt $tier $volume -}}
{{- fail "persistence.size must be more than storage.tier.size by a fifth at least: the database and what is being written are on that volume as well." -}}
{{- end -}}
{{- end -}}

{{/* The part of a bucket on the node, and a fifth for what is being written and rendered. */}}
{{- define "larder.tierBytes" -}}
{{- include "larder.bytes" .Values.storage.tier.size | float64 | mulf 1.2 | printf "%.0f" -}}
{{- end -}}

{{/* Bytes of 10GiB (Larder's way) as of 10Gi (Kubernetes'). */}}
{{- define "larder.bytes" -}}
{{- $ki := 1024.0 -}}
{{- $units := dict "" 1.0 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" $ki "Mi" (mulf $ki $ki) "Gi" (mulf $ki $ki $ki) "Ti" (mulf $ki $ki $ki $ki) -}}
{{- $number := regexFind "^[0-9]+([.][0-9]+)?" . | float64 -}}
{{- mulf $number (get $units (regexReplaceAll "^[0-9.]+" . "" | trimSuffix "B")) | printf "%.0f" -}}
{{- end -}}
