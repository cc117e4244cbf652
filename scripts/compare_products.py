"""The products of a step in PyTorch (oneDNN and MKL), at the sizes of `cargo bench --bench products`, beside ours.

    cargo bench --bench products > products.txt
    python scripts/compare_products.py [--ours products.txt] [--cpu avx512|avx2]

Prints one Markdown table of GFLOP/s: ours and `gemm` from the bench's output (where given), PyTorch in f32, in bfloat16 and in int8
(`torch._int_mm`; forward only, where this PyTorch has it on the processor). Medians of many products, all cores, one after the other.
"""
import argparse, os, re, statistics, time

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--ours", help="what the bench printed"); ap.add_argument("--cpu", choices=["native", "avx512", "avx2"], default="native", help="both sides without AMX, or without AVX-512: start the bench with the same THAW_CPU")
ap.add_argument("--secs", type=float, default=0.5, help="how long each product is repeated")
a = ap.parse_args()
# They are read when PyTorch is loaded.
if a.cpu == "avx2": os.environ.update(ONEDNN_MAX_CPU_ISA="AVX2", ATEN_CPU_CAPABILITY="avx2", MKL_ENABLE_INSTRUCTIONS="AVX2")
if a.cpu == "avx512": os.environ.update(ONEDNN_MAX_CPU_ISA="AVX512_CORE_BF16")
import torch

SIZES = [(430, 384, 1536), (512, 768, 3072), (2048, 768, 3072), (512, 1024, 4096), (2048, 1024, 4096)]  # as in benches/products.rs
PASSES = ["x W^T", "g W", "g^T x"]


def rate(work, operations):
    """GFLOP/s of the median call; `None` where this PyTorch can't do it."""
    try:
        for _ in range(3): work()
    except (RuntimeError, NotImplementedError): return None
    took, until = [], time.perf_counter() + a.secs
    while time.perf_counter() < until or len(took) < 5:
        t = time.perf_counter(); work(); took.append(time.perf_counter() - t)
    return operations / statistics.median(took) / 1e9


def of_pytorch(tokens, inputs, outputs, name):
    x, g, w = torch.rand(tokens, inputs) - 0.5, torch.rand(tokens, outputs) - 0.5, torch.rand(outputs, inputs) - 0.5
    bias, operations = torch.rand(outputs), 2 * tokens * inputs * outputs
    def product(x, g, w, bias):
        return {"x W^T": lambda: torch.nn.functional.linear(x, w, bias), "g W": lambda: g @ w, "g^T x": lambda: g.t() @ x}[name]
    low = [t.to(torch.bfloat16) for t in (x, g, w, bias)]
    byte = lambda t: (t * 127).to(torch.int8)
    rates = {"PyTorch f32": rate(product(x, g, w, bias), operations), "PyTorch bf16": rate(product(*low), operations)}
    x8, w8 = byte(x), byte(w).t()
    rates["PyTorch int8"] = rate(lambda: torch._int_mm(x8, w8), operations) if name == "x W^T" else None
    return rates


def of_bench(path):
    """Medians by benchmark and case. divan prints `case   fastest │ slowest │ median │ mean │ samples │ iters`, and below it the rates."""
    rates, group, case = {}, None, None
    for line in open(path, encoding="utf-8"):
        if found := re.match(r"(f32|bf16|int8): (.+)", line): print(f"ours in {found[1]}: {found[2].strip()}")
        if found := re.search(r"[├╰]─ (\w+)\s+(?:│|$)", line): group = found[1]
        if found := re.search(r"(\d+) tokens +(\d+) to +(\d+), (x W\^T|g W|g\^T x)", line): case = (int(found[1]), int(found[2]), int(found[3]), found[4])
        items = re.findall(r"([\d.]+) ([GMTK]?)item/s", line)
        if case and len(items) >= 3:
            rates.setdefault(group, {})[case] = float(items[2][0]) * {"": 1e-9, "K": 1e-6, "M": 1e-3, "G": 1, "T": 1e3}[items[2][1]]
            case = None
    return rates


def main():
    bench = of_bench(a.ours) if a.ours else {}
    columns = [*bench, "PyTorch f32", "PyTorch bf16", "PyTorch int8"]
    print(f"GFLOP/s; torch {torch.__version__}, {torch.get_num_threads()} threads, {a.cpu}\n")
    print("| tokens | from | to | product | " + " | ".join(columns) + " |\n" + "|---" * (4 + len(columns)) + "|")
    for tokens, hidden, inner in SIZES:
        for inputs, outputs in [(hidden, hidden), (hidden, inner), (inner, hidden)]:
            for name in PASSES:
                rates = {group: of.get((tokens, inputs, outputs, name)) for group, of in bench.items()} | of_pytorch(tokens, inputs, outputs, name)
                shown = [f"{rates[c]:.0f}" if rates[c] else "" for c in columns]
                print(f"| {tokens} | {inputs} | {outputs} | {name} | " + " | ".join(shown) + " |", flush=True)


main()
