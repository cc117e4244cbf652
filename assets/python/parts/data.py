# %% Data
{%- if !p.table.told.is_empty() %}
{{ p.table.told }}
{%- endif %}
table = {{ p.table.read }}
LABELS = {{ p.table.labels }}
table[{{ p.table.target }}] = table[{{ p.table.label }}].map(LABELS.index)

# The same rows as in Thaw, by their numbers. Without rows.csv, train_test_split draws other rows in the same shares.
if (FILES / "rows.csv").exists():
    rows = pd.read_csv(FILES / "rows.csv")
    parts = [rows["row"][rows["part"] == part] for part in ("train", "validation", "test")]
    train, validation, test = (table.iloc[numbers - {{ p.table.offset }}] for numbers in parts)
else:
{%- if let Some(own) = p.split.own_parts %}
    # (Thaw takes the {{ own }} rows from a file of their own.)
{%- endif %}
{%- if let Some(most) = p.split.max_rows %}
    if len(table) > {{ most }}:
        table, _ = train_test_split(table, train_size={{ most }}, stratify=table[{{ p.table.target }}], random_state={{ p.split.seed }})
{%- endif %}
    rest, test = train_test_split(table, test_size={{ p.split.test_share }}, stratify=table[{{ p.table.target }}], random_state={{ p.split.seed }})
    train, validation = train_test_split(rest, test_size={{ p.split.validation_share }}, stratify=rest[{{ p.table.target }}], random_state={{ p.split.seed }})
{%- if let Some(most) = p.split.rows_per_class %}
    train = train.groupby({{ p.table.target }}).head({{ most }})  # few rows of each class to train on
{%- endif %}

# Thaw's order of the training rows in each epoch. Without order.csv, PyTorch draws another one.
orders = pd.read_csv(FILES / "order.csv") if (FILES / "order.csv").exists() else {}


def order_of(epoch):
    return orders[str(epoch)].tolist() if str(epoch) in orders else torch.randperm(len(train)).tolist()
