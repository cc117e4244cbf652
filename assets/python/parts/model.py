# %% Model
tokenizer = AutoTokenizer.from_pretrained(MODEL{{ p.model.revision }})
model = AutoModelForSequenceClassification.from_pretrained(
    MODEL{{ p.model.revision }},
    id2label=dict(enumerate(LABELS)),
    label2id={label: i for i, label in enumerate(LABELS)},
{%- for argument in p.model.arguments %}
    {{ argument }},
{%- endfor %}
).float()
# The head that Thaw begins with. Without the file, it has other random values.
if (FILES / "head.safetensors").exists():
    model.load_state_dict(load_file(FILES / "head.safetensors"), strict=False)
