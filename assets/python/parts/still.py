{%- if p.stills_frozen %}


def still_frozen_layers():
    """No dropout in the frozen layers below the lowest one that trains, as in Thaw. (Hugging Face leaves it on.)"""
    for block in [model.base_model.{{ p.model.embeddings }}, *model.base_model.{{ p.model.layers }}]:
        if any(parameter.requires_grad for parameter in block.parameters()):
            break
        block.eval()
{%- endif %}
