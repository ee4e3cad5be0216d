import pytest

from simulator.alerting.templates import TemplateError, parse

DATA = {"Labels": {"job": "api", "pod": "api-1:80"}, "Value": 0.1234567, "ExternalLabels": {}}


def expand(text, **functions):
    return parse(text).expand(DATA, functions)


@pytest.mark.parametrize(
    "text, expanded",
    [
        ("plain", "plain"),
        ("{{ $labels.job }} {{ .Labels.job }} {{ $labels.nothing }}.", "api api ."),
        ("{{ $value }} {{ .Value | humanize }}", "0.1234567 123.5m"),
        ('{{ printf "%.2f%%" $value }} {{ $value | printf "%.1f" }}', "0.12% 0.1"),
        ("{{ $value | humanizePercentage }}", "12.35%"),
        ("{{ humanizeDuration 3661 }} {{ humanize1024 2048.0 }}", "1h 1m 1s 2ki"),
        ("a {{- $labels.job -}} b", "aapib"),
        ("{{ if gt $value 0.1 }}high{{ else }}low{{ end }}", "high"),
        ('{{ if eq $labels.job "x" }}x{{ else if $value }}y{{ end }}', "y"),
        ("{{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}", "job=api pod=api-1:80 "),
        ("{{ with $labels.nothing }}a{{ else }}b{{ end }}", "b"),
        ("{{ $x := $labels.job }}{{ $x | toUpper | title }}", "API"),
        ("{{ (stripPort $labels.pod) }} {{ index $labels `job` }}", "api-1 api"),
        ('{{ reReplaceAll "(.*):.*" "$1" $labels.pod }}', "api-1"),
        ('{{ if match "^api" $labels.pod }}yes{{ end }}', "yes"),
        ("{{/* nothing */}}{{ $labels }}", "map[job:api pod:api-1:80]"),
    ],
)
def test_annotations_are_expanded(text, expanded):
    assert expand(text) == expanded


def test_a_template_may_query_the_store():
    rows = [{"Labels": {"pod": "b"}, "Value": 2.5}]
    text = '{{ with query "up" }}{{ . | first | value }} {{ (. | first).Labels.pod }}{{ end }}'
    assert expand(text, query=lambda expr: rows) == "2.5 b"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("{{ $labels.job", "unclosed action"),
        ("{{ nosuch $value }}", 'function "nosuch" not defined'),
        ("{{ $nosuch }}", "undefined variable"),
        ("{{ if $value }}", "without its {{end}}"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ ( $value }}", "unclosed left paren"),
        ("{{ template `x` }}", "not supported"),
    ],
)
def test_an_invalid_template_is_refused(text, complaint):
    with pytest.raises(TemplateError, match=complaint.replace("{", r"\{")):
        parse(text)


@pytest.mark.parametrize("text", ["{{ .Nosuch }}", "{{ humanize `x` }}", "{{ first 3 }}"])
def test_a_template_that_cannot_be_expanded_is_an_error(text):
    with pytest.raises(TemplateError):
        expand(text)
