"""The lecture's recipe in Hugging Face Trainer, timed: what `compare_with_transformers.sh` sets beside Thaw.

    python3 -m venv env && env/bin/pip install torch transformers accelerate scikit-learn pandas
    env/bin/python hf_baseline.py --preset 3 --epochs 3                       # trains; prints one JSON line
    env/bin/python hf_baseline.py --predict-with trainer --model RUN_DIR      # only predicts, with a trained model
    env/bin/pip install onnx onnxruntime onnxscript
    env/bin/python hf_baseline.py --predict-with onnxruntime --model RUN_DIR  # the same model, exported

Fair to the peer: padding to the longest text of each batch (not to max length), all cores, no logging to disk; predicted texts are
tokenised before the clock starts. Trainer predicts rows as they come, 64 to a batch; trainer-sorted and onnxruntime get them sorted
by length, batch by batch, so that almost nothing is padded.
Presets: 1 encoder frozen, 2 + pooler, 3 + last encoder layer, full. Learning rates: 1e-3, 1e-3, 1e-4, 5e-5.
"""
import argparse, contextlib, json, os, resource, sys, tempfile, time, warnings
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
ap.add_argument("--bf16", action="store_true", help="Trainer's bf16=True: weights in 32 bits, products in bfloat16")
ap.add_argument("--gpu", action="store_true", help="on the GPU that PyTorch finds, in place of the processor")
ap.add_argument("--max-rows", type=int, default=0); ap.add_argument("--seed", type=int, default=42)
ap.add_argument("--predict-with", choices=["trainer", "trainer-sorted", "onnxruntime"], help="train nothing; the model predicts every row of the data")
a = ap.parse_args()

table = pd.read_csv(a.data)
if a.max_rows: table = table.sample(min(a.max_rows, len(table)), random_state=0)
labels = sorted(table[a.label_column].unique())
table["y"] = table[a.label_column].map({l: i for i, l in enumerate(labels)})
tok = AutoTokenizer.from_pretrained(a.model)
collate = DataCollatorWithPadding(tok)
torch.manual_seed(a.seed)
model = AutoModelForSequenceClassification.from_pretrained(a.model, num_labels=len(labels), dtype=torch.float32)


class Rows(torch.utils.data.Dataset):
    def __init__(self, t):
        self.e = tok(t[a.text_column].tolist(), truncation=True, max_length=a.max_length, padding=False)
        self.y = t.y.tolist()
        self.order = range(len(self.y))
    def sort(self):
        self.order = sorted(self.order, key=lambda i: len(self.e["input_ids"][i]))
        return self
    def __len__(self): return len(self.y)
    def __getitem__(self, i):
        i = self.order[i]
        return {"input_ids": self.e["input_ids"][i], "attention_mask": self.e["attention_mask"][i], "labels": self.y[i]}
    def mean_tokens(self): return sum(map(len, self.e["input_ids"])) / len(self)


class Clock(TrainerCallback):
    """Seconds of each epoch's steps, and from the first step to the end of each validation."""
    def __init__(self): self.epochs, self.validated = [], []
    def on_train_begin(self, *_, **__): self.began = time.perf_counter()
    def on_epoch_begin(self, *_, **__): self.mark = time.perf_counter()
    def on_epoch_end(self, *_, **__): self.epochs.append(round(time.perf_counter() - self.mark, 2))
    def on_evaluate(self, *_, **__): self.validated.append(round(time.perf_counter() - self.began, 2))


def trainer_with(train=None, valid=None, lr=5e-5, eval_batch=64):
    args = TrainingArguments(output_dir=tempfile.mkdtemp(), num_train_epochs=a.epochs, per_device_train_batch_size=a.batch_size, per_device_eval_batch_size=eval_batch,
                             learning_rate=lr, save_strategy="no", eval_strategy="epoch" if valid else "no", logging_steps=50, report_to=[], seed=a.seed,
                             use_cpu=not a.gpu, bf16=a.bf16, disable_tqdm=True)
    clock = Clock()
    return Trainer(model=model, args=args, train_dataset=train, eval_dataset=valid, data_collator=collate, callbacks=[clock]), clock


def run_onnx(rows, batch_size):
    """The exported graph on the same batches, with as many threads as PyTorch takes."""
    import numpy, onnxruntime
    path = os.path.join(tempfile.mkdtemp(), "model.onnx")
    sample = collate([{k: v for k, v in rows[i].items() if k != "labels"} for i in range(min(2, len(rows)))])
    names = list(sample)
    with contextlib.redirect_stdout(sys.stderr):
        torch.onnx.export(model.eval(), (dict(sample),), path, input_names=names,
                          output_names=["logits"], dynamic_axes={n: {0: "rows", 1: "tokens"} for n in names} | {"logits": {0: "rows"}}, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    batches = [collate([rows[i] for i in range(at, min(at + batch_size, len(rows)))]) for at in range(0, len(rows), batch_size)]
    feed = lambda batch: {i.name: batch[i.name].numpy() for i in session.get_inputs()}
    session.run(None, feed(batches[-1]))
    t = time.perf_counter()
    logits = [session.run(None, feed(batch))[0] for batch in batches]
    secs = time.perf_counter() - t
    return numpy.concatenate(logits), numpy.concatenate([batch["labels"].numpy() for batch in batches]), secs


def run_trainer(rows, batch_size):
    trainer, _ = trainer_with(eval_batch=batch_size)
    trainer.predict(torch.utils.data.Subset(rows, range(min(4, len(rows)))))
    t = time.perf_counter(); out = trainer.predict(rows); secs = time.perf_counter() - t
    return out.predictions, out.label_ids, secs


def say(**what):
    print(json.dumps(what | dict(peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)))


if a.predict_with:
    rows = Rows(table)
    if a.predict_with == "trainer": logits, truth, secs = run_trainer(rows, 64)
    else: logits, truth, secs = (run_onnx if a.predict_with == "onnxruntime" else run_trainer)(rows.sort(), a.batch_size)
    say(predict_with=a.predict_with, rows=len(rows), mean_tokens=round(rows.mean_tokens(), 1), eval_rows_per_sec=round(len(rows) / secs, 2),
        accuracy=round(accuracy_score(truth, logits.argmax(-1)), 4))
    sys.exit()

train, test = train_test_split(table, test_size=0.2, stratify=table.y, random_state=a.seed)
train, valid = train_test_split(train, test_size=0.3, stratify=train.y, random_state=a.seed)
last = f"layer.{model.config.num_hidden_layers - 1}."
for name, p in model.base_model.named_parameters():
    p.requires_grad = a.preset == "full" or (a.preset in "23" and name.startswith("pooler")) or (a.preset == "3" and last in name)
lr = a.learning_rate or {"1": 1e-3, "2": 1e-3, "3": 1e-4, "full": 5e-5}[a.preset]
rows = [Rows(t) for t in (train, valid, test)]
trainer, clock = trainer_with(rows[0], rows[1], lr)
t = time.perf_counter(); trainer.train(); whole = time.perf_counter() - t
t = time.perf_counter(); out = trainer.predict(rows[2]); predict = time.perf_counter() - t
guess = out.predictions.argmax(-1)
say(preset=a.preset, learning_rate=lr, seed=a.seed, epochs=a.epochs, bf16=a.bf16, trainable=sum(p.numel() for p in model.parameters() if p.requires_grad),
    train_rows=len(train), mean_tokens=round(rows[0].mean_tokens(), 1), epoch_secs=clock.epochs, first_epoch_secs=clock.validated[0],
    train_rows_per_sec=round(len(train) * a.epochs / sum(clock.epochs), 2), run_secs=round(whole, 1), eval_rows_per_sec=round(len(test) / predict, 2),
    test_accuracy=round(accuracy_score(out.label_ids, guess), 4), macro_f1=round(f1_score(out.label_ids, guess, average="macro"), 4),
    confusion=confusion_matrix(out.label_ids, guess).tolist())
