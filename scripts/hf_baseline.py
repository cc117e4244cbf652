"""The lecture's recipe in Hugging Face Trainer, timed: what `compare_with_transformers.sh` sets beside Thaw.

    python3 -m venv env && env/bin/pip install torch transformers accelerate scikit-learn pandas
    env/bin/python hf_baseline.py --preset 3 --epochs 3            # prints one JSON line

Fair to the peer: padding to the longest text of each batch (not to max length), both cores, fp32, no logging to disk.
Presets: 1 encoder frozen, 2 + pooler, 3 + last encoder layer, full. Learning rates: 1e-3, 1e-3, 1e-4, 5e-5.
"""
import argparse, json, os, resource, tempfile, time, warnings
warnings.filterwarnings("ignore")
os.environ["HF_HUB_OFFLINE"] = "1"
import pandas as pd, torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from sklearn.model_selection import train_test_split
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainerCallback, TrainingArguments

here = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser()
ap.add_argument("--model", default=os.path.join(here, "../assets/model"))
ap.add_argument("--data", default=os.path.join(here, "../assets/data/movie_reviews.csv"))
ap.add_argument("--text-column", default="review"); ap.add_argument("--label-column", default="sentiment")
ap.add_argument("--preset", default="3", choices=["1", "2", "3", "full"])
ap.add_argument("--epochs", type=int, default=3); ap.add_argument("--batch-size", type=int, default=16)
ap.add_argument("--learning-rate", type=float); ap.add_argument("--max-length", type=int, default=128)
ap.add_argument("--max-rows", type=int, default=0); ap.add_argument("--seed", type=int, default=42)
a = ap.parse_args()

table = pd.read_csv(a.data)
if a.max_rows: table = table.sample(a.max_rows, random_state=0)
labels = sorted(table[a.label_column].unique())
table["y"] = table[a.label_column].map({l: i for i, l in enumerate(labels)})
train, test = train_test_split(table, test_size=0.2, stratify=table.y, random_state=a.seed)
train, valid = train_test_split(train, test_size=0.3, stratify=train.y, random_state=a.seed)
tok = AutoTokenizer.from_pretrained(a.model)


class Rows(torch.utils.data.Dataset):
    def __init__(self, t):
        self.e = tok(t[a.text_column].tolist(), truncation=True, max_length=a.max_length, padding=False)
        self.y = t.y.tolist()
    def __len__(self): return len(self.y)
    def __getitem__(self, i): return {"input_ids": self.e["input_ids"][i], "attention_mask": self.e["attention_mask"][i], "labels": self.y[i]}


torch.manual_seed(a.seed)
model = AutoModelForSequenceClassification.from_pretrained(a.model, num_labels=len(labels), dtype=torch.float32)
last = f"layer.{model.config.num_hidden_layers - 1}."
for name, p in model.base_model.named_parameters():
    p.requires_grad = a.preset == "full" or (a.preset in "23" and name.startswith("pooler")) or (a.preset == "3" and last in name)
lr = a.learning_rate or {"1": 1e-3, "2": 1e-3, "3": 1e-4, "full": 5e-5}[a.preset]
args = TrainingArguments(output_dir=tempfile.mkdtemp(), num_train_epochs=a.epochs, per_device_train_batch_size=a.batch_size, per_device_eval_batch_size=64,
                         learning_rate=lr, save_strategy="no", eval_strategy="epoch", logging_steps=50, report_to=[], seed=a.seed, use_cpu=True, disable_tqdm=True)
epochs, mark = [], [0.0]
class Clock(TrainerCallback):
    def on_epoch_begin(self, *_, **__): mark[0] = time.perf_counter()
    def on_epoch_end(self, *_, **__): epochs.append(round(time.perf_counter() - mark[0], 2))
rows = [Rows(t) for t in (train, valid, test)]
trainer = Trainer(model=model, args=args, train_dataset=rows[0], eval_dataset=rows[1], data_collator=DataCollatorWithPadding(tok), callbacks=[Clock()])
t = time.perf_counter(); trainer.train(); whole = time.perf_counter() - t
t = time.perf_counter(); out = trainer.predict(rows[2]); predict = time.perf_counter() - t
guess = out.predictions.argmax(-1)
print(json.dumps(dict(preset=a.preset, learning_rate=lr, seed=a.seed, epochs=a.epochs, trainable=sum(p.numel() for p in model.parameters() if p.requires_grad),
    train_rows=len(train), epoch_secs=epochs, train_rows_per_sec=round(len(train) * a.epochs / sum(epochs), 1), run_secs=round(whole, 1),
    eval_rows_per_sec=round(len(test) / predict, 1), test_accuracy=round(accuracy_score(out.label_ids, guess), 4), macro_f1=round(f1_score(out.label_ids, guess, average="macro"), 4),
    confusion=confusion_matrix(out.label_ids, guess).tolist(), peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)))
