# What this computer is to Thaw, and the self-test: `thaw doctor`, and the window of the same name
cli-about-doctor = Say what this computer is to Thaw, and test the engine on it in a few seconds. Exit status 1 where a check fails.
doctor-title = This computer
    .hint = What this computer is to Thaw, and a self-test of a few seconds.
doctor-wait = looking…

## What this computer is
doctor-program = Program
doctor-program-value = Thaw { $version }, { $architecture }
doctor-system = System
doctor-processor = Processor
doctor-processor-value = { $name }; { $cores ->
        [one] 1 core
       *[other] { $cores } cores
    }
doctor-processor-unknown = unknown
doctor-threads = Threads
doctor-threads-value = { $used } of the { $allowed } that the system allows
doctor-instructions = Instruction sets
doctor-instructions-none = none that matters here
doctor-products = Products in { $precision }
doctor-products-fastest = { $kernel }, the fastest that this processor runs
doctor-products-none = as f32: this processor has no instructions for it that Thaw may use
doctor-products-switched = { $kernel }, because THAW_CPU is { $switch }
doctor-products-failed = { $kernel }, because { $failed } computes wrong products on this computer
doctor-products-only = { $kernel }, the only kernel that this processor runs
doctor-memory = Memory
doctor-memory-value = { $free } free of { $total }
doctor-unknown = not told by the system
doctor-graphics = Graphics
doctor-graphics-none = no display, so that no window opens
doctor-file-dialogs = File dialogs
doctor-dialogs-system = those of the system
doctor-dialogs-portal = those of the desktop, through its portal
doctor-dialogs-zenity = those of zenity
doctor-dialogs-own = Thaw's own, because the system has none
doctor-hub = Hugging Face Hub
doctor-hub-online = { $endpoint }
doctor-hub-offline = offline, as HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE says; nothing is downloaded
doctor-hub-token = { $hub }, with a token
doctor-cache = Model cache
doctor-cache-value = { $folder }; { $models ->
        [one] 1 model
       *[other] { $models } models
    } that can be trained ({ $size }), { $free } free
doctor-runs = Runs
doctor-runs-value = { $folder }; { $runs ->
        [one] 1 run
       *[other] { $runs } runs
    }, { $free } free
doctor-runs-none = no folder for them: give each run one with --out

## The self-test
doctor-test = Self-test
doctor-test-begin = Run the self-test
    .hint = Check the engine on this computer and measure its speed. It takes about ten seconds and changes nothing.
doctor-test-again = Repeat the self-test
doctor-test-stop = Stop the self-test
doctor-test-progress = Self-test: { $done } of { $total }
doctor-copy = Copy as text
    .hint = Copy all of this, for a report or a question to someone else.
doctor-passed = passed
doctor-failed = FAILED
doctor-numbers = error { $error }, limit { $limit }
doctor-check-line = { $verdict }: { $check } ({ $numbers })
doctor-check-kernel = { $kernel } in { $precision }, against its definition
doctor-check-threads = one thread and all threads give the same bits
doctor-check-candle = the model's states, against candle-transformers
doctor-check-logits = its logits, against candle's operations
doctor-check-gradients = its gradients, against candle's operations
doctor-check-slope-embeddings = gradients of the embeddings, against finite differences
doctor-check-slope-layers = gradients of the layers, against finite differences
doctor-check-slope-head = gradients of the head, against finite differences
doctor-speed = Speed
doctor-peak = Peak in f32
doctor-peak-value = { $speed } GFLOP/s on { $threads ->
        [one] 1 thread
       *[other] { $threads } threads
    }
doctor-speed-value = { $kernel }: { $speed } GFLOP/s, { $share } of the peak
doctor-training = Full fine-tuning
doctor-training-value = { $rows } rows/s of { $tokens } tokens with the bundled model: { $speed } GFLOP/s, { $share } of the peak
doctor-all-passed = All { $count } checks passed in { $time }.
doctor-stopped = The self-test was stopped before its end.
doctor-checks-failed = { $count ->
        [one] 1 check
       *[other] { $count } checks
    } of the self-test failed: { $checks }. What Thaw trains on this computer may be wrong. Report this with the output of thaw doctor --json.
