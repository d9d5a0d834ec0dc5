{{/* The server's environment: everything that has a value of its own, but for secrets. */}}
{{- define "larder.environment" -}}
- name: LARDER_LISTEN
  value: {{ printf "%s:8080" .Values.bindAddress | quote }}
- name: LARDER_DATA
  value: /var/lib/larder
- name: LARDER_PUBLIC_URL
  value: {{ include "larder.publicURL" . | quote }}
- name: LARDER_ALLOWED_HOSTS
  value: {{ include "larder.allowedHosts" . | quote }}
{{- with .Values.trustedProxies }}
- name: LARDER_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- if .Values.metrics.enabled }}
- name: LARDER_METRICS_LISTEN
  value: {{ printf "%s:9090" .Values.bindAddress | quote }}
{{- end }}
- name: LARDER_CACHE_SIZE
  value: {{ .Values.storage.maxSize | quote }}
- name: LARDER_TIER_SIZE
  value: {{ .Values.storage.tier.size | quote }}
- name: LARDER_DATABASE_CONNECTIONS
  value: {{ .Values.database.connections | quote }}
- name: LARDER_STARTUP_WAIT_SECONDS
  value: {{ .Values.database.startupWaitSeconds | quote }}
- name: LARDER_DRAIN_DELAY_SECONDS
  value: {{ .Values.drain.delaySeconds | quote }}
- name: LARDER_DRAIN_SECONDS
  value: {{ .Values.drain.seconds | quote }}
{{- if .Values.config }}
- name: LARDER_CONFIG
  value: /etc/larder/larder.yaml
{{- end }}
{{- with .Values.proxy }}
- name: LARDER_PROXY
  value: {{ . | quote }}
{{- end }}
{{- if or .Values.upstreamCA.existingSecret .Values.upstreamCA.existingConfigMap }}
- name: LARDER_UPSTREAM_CA_FILE
  value: {{ printf "/etc/larder/ca/%s" .Values.upstreamCA.key | quote }}
{{- end }}
{{ include "larder.stores" . }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where database and files are, and the credentials for them: by reference, never in a manifest. */}}
{{- define "larder.stores" -}}
- name: DB_URL
{{- if .Values.database.existingSecret }}
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret | quote }}
      key: {{ .Values.database.existingSecretKey | quote }}
{{- else if include "larder.onSQLite" . }}
  value: {{ .Values.database.url | quote }}
{{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ include "larder.fullname" . }}
      key: DB_URL
{{- end }}
- name: STORAGE_URL
{{- if .Values.storage.existingSecret }}
  valueFrom:
    secretKeyRef:
      name: {{ .Values.storage.existingSecret | quote }}
      key: {{ .Values.storage.existingSecretKey | quote }}
{{- else }}
  value: {{ .Values.storage.url | quote }}
{{- end }}
{{- with .Values.storage.aws.region }}
- name: AWS_REGION
  value: {{ . | quote }}
{{- end }}
{{- if .Values.storage.aws.existingSecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ .Values.storage.aws.existingSecret | quote }}
      key: {{ .Values.storage.aws.accessKeyIdKey | quote }}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.storage.aws.existingSecret | quote }}
      key: {{ .Values.storage.aws.secretAccessKeyKey | quote }}
{{- end }}
{{- if .Values.storage.google.existingSecret }}
- name: GOOGLE_APPLICATION_CREDENTIALS
  value: /etc/larder/google/credentials.json
{{- end }}
{{- end -}}

{{- define "larder.volumeMounts" -}}
- name: storage
  mountPath: /var/lib/larder
{{- if .Values.config }}
- name: config
  mountPath: /etc/larder/larder.yaml
  subPath: larder.yaml
  readOnly: true
{{- end }}
{{- if .Values.storage.google.existingSecret }}
- name: google
  mountPath: /etc/larder/google
  readOnly: true
{{- end }}
{{- if or .Values.upstreamCA.existingSecret .Values.upstreamCA.existingConfigMap }}
- name: ca
  mountPath: /etc/larder/ca
  readOnly: true
{{- end }}
{{- range .Values.secretFiles }}
- name: {{ printf "secret-%s" .name }}
  mountPath: {{ printf "/etc/larder/secrets/%s" .name }}
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "larder.volumes" -}}
- name: storage
{{- if not (include "larder.hasState" .) }}
  emptyDir:
    sizeLimit: {{ .Values.storage.tier.volumeSize }}
{{- else if .Values.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ default (include "larder.fullname" .) .Values.persistence.existingClaim }}
{{- else }}
  emptyDir:
    sizeLimit: {{ .Values.persistence.size }}
{{- end }}
{{- if .Values.config }}
- name: config
  configMap:
    name: {{ include "larder.fullname" . }}
{{- end }}
{{- if .Values.storage.google.existingSecret }}
- name: google
  secret:
    secretName: {{ .Values.storage.google.existingSecret | quote }}
    defaultMode: 0440
    items:
      - key: {{ .Values.storage.google.existingSecretKey | quote }}
        path: credentials.json
{{- end }}
{{- if .Values.upstreamCA.existingSecret }}
- name: ca
  secret:
    secretName: {{ .Values.upstreamCA.existingSecret | quote }}
{{- else if .Values.upstreamCA.existingConfigMap }}
- name: ca
  configMap:
    name: {{ .Values.upstreamCA.existingConfigMap | quote }}
{{- end }}
{{- range .Values.secretFiles }}
- name: {{ printf "secret-%s" .name }}
  secret:
    secretName: {{ .existingSecret | quote }}
    defaultMode: 0440
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The resources, with the node's disk that the tier takes, so that the pod is put where it is. */}}
{{- define "larder.resources" -}}
{{- $own := deepCopy .Values.resources -}}
{{- if not (include "larder.hasState" .) -}}
{{- $mebibytes := divf (include "larder.tierBytes" . | float64) 1048576.0 | ceil -}}
{{- $disk := dict "requests" (dict "ephemeral-storage" (printf "%.0fMi" $mebibytes)) -}}
{{- $own = mergeOverwrite $disk $own -}}
{{- end -}}
{{ toYaml $own }}
{{- end -}}
