{%- if let Some(weights) = p.weights %}
{%- if p.balanced %}
# Rare classes count more: compute_class_weight("balanced", ...) of scikit-learn gives these weights.
{%- else %}
# What the rows of each class count in the loss.
{%- endif %}
WEIGHTS = torch.tensor({{ weights }}{{ on_device }})
{%- endif %}
