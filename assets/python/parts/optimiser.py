{%- if p.decays() %}


def decays(name):
    """Weight decay leaves biases and LayerNorm alone."""
    return not (name.endswith("bias") or "LayerNorm" in name or "layer_norm" in name)
{%- endif %}
{%- match p.rates %}
{%- when Rates::Same %}
{%- when Rates::Layers with { last, operation, told } %}


def learning_rate(name):
    """Each layer learns at {{ told }} the rate of the layer above it; pooler and head at the full rate."""
    layer = re.search(r"\.layer\.(\d+)\.", name)
    below_last = {{ last }} - int(layer[1]) if layer else {{ last + 1 }} if "embeddings" in name else 0
    return LEARNING_RATE {{ operation }} below_last
{%- when Rates::Table with (entries) %}


# The share of the learning rate at which parameters train whose names begin so; all others train at the full rate.
RATES = {
{%- for entry in entries %}
    {{ entry.0 }}: {{ entry.1 }},
{%- endfor %}
}


def learning_rate(name):
    return LEARNING_RATE * next((rate for start, rate in RATES.items() if name.startswith(start)), 1.0)
{%- endmatch %}
{%- if p.has_groups() %}


# A group of its own for each parameter{% if p.rates != Rates::Same %}, with its learning rate{% endif %}{% if p.decays() %}, with or without weight decay{% endif %}.
groups = [
    {
        "params": [parameter],
{%- if p.rates != Rates::Same %}
        "lr": learning_rate(name),
{%- endif %}
{%- if p.decays() %}
        "weight_decay": {{ p.weight_decay }} if decays(name) else 0.0,
{%- endif %}
    }
    for name, parameter in model.named_parameters()
    if {% if p.stages.is_empty() %}parameter.requires_grad{% else %}name.startswith(EVER){% endif %}
]
{%- else if p.stages.is_empty() %}
groups = [parameter for parameter in model.parameters() if parameter.requires_grad]
{%- else %}
groups = [parameter for name, parameter in model.named_parameters() if name.startswith(EVER)]
{%- endif %}
optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, weight_decay=0.0)
scheduler = {{ p.schedule }}(optimizer{% if !p.schedule_arguments.is_empty() %}, {{ p.schedule_arguments }}{% endif %})
{%- if !p.stages.is_empty() %}


def thaw(prefixes):
    """From now on these parameters train. AdamW forgets what it knew of the others, as in Thaw."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(prefixes)
        if not parameter.requires_grad:
            parameter.grad = None
            optimizer.state.pop(parameter, None)
{%- endif %}
