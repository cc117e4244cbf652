# %% Freezing
{%- if !p.stages.is_empty() %}
# From these epochs on, the parameters whose names begin so train, and all others are frozen.
STAGES = {
{%- for stage in p.stages %}
    {{ stage.from_epoch }}: {{ stage.prefixes }},
{%- endfor %}
}
EVER = {{ p.ever }}
{%- else %}
# {{ p.freezing }}
{%- match p.trained %}
{%- when Trained::All %}
{%- when Trained::Biases with (head) %}
for name, parameter in model.named_parameters():
    parameter.requires_grad = name.endswith(".bias") or name.startswith({{ head }})
{%- when Trained::Prefixes with (prefixes) %}
for name, parameter in model.named_parameters():
    parameter.requires_grad = name.startswith({{ prefixes }})
{%- endmatch %}
{%- endif %}
