"""{{ p.title }}: {{ kind }}.

    pip install {{ p.packages }}
{%- if !p.notes.is_empty() %}
{% for note in p.notes %}
{{ note }}
{%- endfor %}
{%- endif %}
"""
