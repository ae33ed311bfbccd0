{{- define "tracepost.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- /* Labels of what is of one daemon: (dict "top" . "part" "node") */}}
{{- define "tracepost.selector" -}}
app.kubernetes.io/name: tracepost
app.kubernetes.io/instance: {{ .top.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "tracepost.labels" -}}
{{ include "tracepost.selector" . }}
app.kubernetes.io/version: {{ .top.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .top.Release.Service }}
helm.sh/chart: {{ .top.Chart.Name }}-{{ .top.Chart.Version }}
{{- end }}

{{- define "tracepost.image" -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- end }}

{{- /* A value that must be given: (list . "node.claim" .Values.node.claim) */}}
{{- define "tracepost.given" -}}
{{- required (printf "%s must be given" (index . 1)) (index . 2) -}}
{{- end }}

{{- /* The database's password, as libpq takes it; a file of a volume would have bits of a group, which libpq refuses. */}}
{{- define "tracepost.password" -}}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: password}
{{- end }}

{{- /* No fsGroup: it would give the group bits to files of keys, which the daemon then refuses. */}}
{{- define "tracepost.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "tracepost.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: ["ALL"]}
{{- end }}

{{- define "tracepost.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: pages}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: pages}
  periodSeconds: 10
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: pages}
  periodSeconds: 5
{{- end }}

{{- define "tracepost.fromMonitoring" -}}
- ports: [{port: pages, protocol: TCP}]
  from:
    - namespaceSelector:
        matchLabels: {kubernetes.io/metadata.name: {{ .Values.monitoringNamespace }}}
{{- end }}

{{- define "tracepost.names" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
  to:
    - namespaceSelector:
        matchLabels: {kubernetes.io/metadata.name: kube-system}
{{- end }}

{{- /* Ways out: names, the database, peers and relays. (dict "top" . "labels" …) */}}
{{- define "tracepost.egress" -}}
{{ include "tracepost.names" .top }}
{{- with .labels }}
- ports: [{port: 5432, protocol: TCP}]
  to:
    - podSelector:
        matchLabels: {{- toYaml . | nindent 10 }}
{{- end }}
- ports:
    {{- range .top.Values.dialledPorts }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  to:
    {{- range .top.Values.dialledNetworks }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
{{- end }}
