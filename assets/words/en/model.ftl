# Model folders: reading, checking, saving.
model-folder-missing = There is no folder { $folder }. Choose a folder with a model in Hugging Face layout.
model-not-a-folder = { $folder } is not a folder. Choose the folder that holds config.json and model.safetensors.
model-file-missing = { $folder } has no { $file }. A model folder holds config.json, model.safetensors, and tokenizer.json or vocab.txt.
model-pickle-unreadable = { $file } cannot be read as weights of PyTorch. Copy or download it again, or save the model as model.safetensors (in Python: model.save_pretrained(folder)).
model-pickle-whole = { $file } holds a whole model as a program of Python, not its weights alone, and programs are not run here. This writes model.safetensors in { $folder }: `python -c "import torch; torch.load('{ $file }', weights_only=False).save_pretrained('{ $folder }')"`. Do this only with a file that you trust.
model-from-pickle = The weights come from { $file }, a format that can carry programs. Only the numbers were read and nothing in it was run; model.safetensors is the safer format.
model-tokeniser-missing = { $folder } has no tokenizer.json, no vocab.txt, and no vocab.json with merges.txt. Put the model's own tokenizer there: with another one the model would read other words. In Python, { $base ->
    [MODEL] with the name of the model that it grew from instead of MODEL
   *[other] if it is that of { $base }
}: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $base }').save_pretrained('{ $folder }')"`.
model-file-too-large = { $file } is larger than { $limit_mb } MB, too large for a file of its kind. Check that it is the right file.
model-file-damaged = { $file } is not a whole safetensors file. Copy or download it again.
model-lfs-pointer = { $file } is only a Git LFS pointer, not the weights. Run `git lfs pull` in its folder, or download the file itself.
model-json-damaged = { $file } cannot be read as the JSON that it should be. Copy or download it again.
model-family = { $file } is of a “{ $family }” model. This version trains models of these families: { $families }. Choose one of them.
model-config-missing = { $file } has no “{ $field }”. Use the config.json that belongs to the model.
model-config-field = “{ $field }” in { $file } has a value of the wrong kind. Use the config.json that belongs to the model.
model-config-range = “{ $field }” in { $file } is { $value }, but must be from { $min } to { $max }. Use the config.json that belongs to the model.
model-config-heads = In { $file }, hidden_size { $hidden } cannot be divided among num_attention_heads { $heads }. Use the config.json that belongs to the model.
model-config-unsupported = “{ $field }” in { $file } is { $value }; this version supports { $supported }. Choose another model.
model-config-labels = “id2label” in { $file } must name each class once, with ids 0, 1, 2 and so on. Correct it, or remove it for names LABEL_0, LABEL_1 and so on.
model-tensor-missing = { $file } has no tensor { $tensor } of shape { $shape }, which config.json asks for. Check that weights and config.json belong to the same model.
model-tensor-shape = { $tensor } in { $file } has shape { $found }, but config.json asks for { $expected }. Check that weights and config.json belong to the same model.
model-tensor-type = { $tensor } in { $file } holds { $type } numbers; this version reads F64, F32, F16 and BF16. Choose a model that is not quantised.
model-tensor-not-finite = { $tensor } in { $file } holds values that are not numbers (NaN or infinity). The file is damaged, or its training had failed: choose another.
model-tensor-twice = { $file } holds { $tensor } twice under different names. Keep one of them, or choose another file.
model-vocabulary-larger = The tokenizer in { $folder } knows { $tokeniser } words, but the model only { $model }. It belongs to another model: copy the model's own tokenizer into the folder.
model-vocabulary-smaller = The tokenizer in { $folder } knows only { $tokeniser } of the model's { $model } words. It belongs to another model: copy the model's own tokenizer into the folder.
head-new-asked = The own head of { $model } is not kept, because a new one is asked for (--new-head). Leave that out to keep it.
model-without-head = { $model } has no head that classifies texts, so that none can be kept. Leave out --keep-head and --label-map to begin with a new one.
head-other-classes = The model's own head cannot be kept: it tells { $heads ->
        [one] 1 label
       *[other] { $heads } labels
    } apart ({ $classes }), and the data have { $count } ({ $labels }). Each must stand for one of its own. Leave out --keep-head and --label-map to begin with a new head.
head-missing = { $head } has no head to classify with: { $tensor } is not in it. Name a run folder, a folder with a sequence classifier, or a safetensors file with these weights.
head-of-other-model = The head in { $head } was trained on another model than { $model }: they differ in { $name }. On other weights it would say nothing. Evaluate { $head } itself, or name the model that it was trained on.
model-case-guessed = { $folder } does not say whether its tokenizer distinguishes capital letters. Its vocabulary has words with capitals, so they are kept; Python would make them small. To state it, write "do_lower_case": false (or true) in tokenizer_config.json.

# What is taken for a model folder but is not one, or not one of a kind that is read here.
model-code = { $file } names a program as the model ({ $class } in “auto_map”), and programs of others are not run here. Choose another model; or, if the network is the plain one of its family, delete “auto_map” there.
model-quantised = { $file } is of quantised weights ({ $method }), which cannot be trained. Choose the model that it was made from.
model-architecture = { $file } is of a { $class }, which is no class of the family { $family }. Choose another model; or, if its encoder is a plain { $family }, delete “architectures” there.
model-adapter = { $folder } holds an adapter ({ $kind }), which only changes the model { $base }. This makes a whole model of the two in the folder merged: `python -c "from peft import AutoPeftModelForSequenceClassification as M; M.from_pretrained('{ $folder }').merge_and_unload().save_pretrained('merged')"`.
model-adapter-inside = { $file } holds the weights of an adapter ({ $tensor }). In Python, make one model of both before saving it: `model.merge_and_unload().save_pretrained(folder)`.
model-in-checkpoint = { $folder } is the output folder of a training. { $count ->
    [one] The model is in its checkpoint
   *[other] It has { $count } checkpoints; the newest model is
} { $checkpoint }: choose that folder.
model-in-checkpoint-beside-tokeniser = { $folder } is the output folder of a training. { $count ->
    [one] The model is in its checkpoint
   *[other] It has { $count } checkpoints; the newest model is
} { $checkpoint }: copy the tokenizer's files from { $folder } there, then choose that folder.
model-in-checkpoint-without-tokeniser = { $folder } is the output folder of a training. { $count ->
    [one] The model is in its checkpoint
   *[other] It has { $count } checkpoints; the newest model is
} { $checkpoint }, but it has no tokenizer. Put the tokenizer of the training there, then choose that folder. In Python: `tokenizer.save_pretrained("{ $checkpoint }")`.
model-in-folder = { $folder } holds no model itself. Within it there is one: choose { $inner }.
model-weights-tensorflow = { $folder } has its weights as { $file }, for TensorFlow. This writes model.safetensors (after `pip install "transformers<5" tensorflow tf-keras torch`): `python -c "from transformers import { $class } as M; M.from_pretrained('{ $folder }', from_tf=True).save_pretrained('{ $folder }')"`.
model-weights-flax = { $folder } has its weights as { $file }, for Flax. This writes model.safetensors (after `pip install "transformers<5" flax torch`): `python -c "from transformers import { $class } as M; M.from_pretrained('{ $folder }', from_flax=True).save_pretrained('{ $folder }')"`.
model-weights-tensorflow-1 = { $folder } has its weights as { $file }, a checkpoint of TensorFlow 1. In that folder, this writes pytorch_model.bin (after `pip install "transformers<5" tensorflow torch`): `transformers-cli convert --model_type bert --tf_checkpoint { $file } --config bert_config.json --pytorch_dump_output pytorch_model.bin`. Then name bert_config.json config.json.
model-weights-changed = The weights in { $file } were changed while a model that was read from it was at work, so that the original weights of its frozen layers are gone. Put the file back as it was, or train anew.
model-weights-parts = { $folder } has its weights in the parts of a training on several devices ({ $file }). This puts them together, in that folder: `{ $command }`.
model-weights-name = { $folder } has no weights under a name that is read, but { $file }. If these are the model's, name the file { $name }.
model-weights-runtime = { $folder } has its weights only as { $file }, for { $kind }, which computes but does not train. Choose the model that it was made from, as model.safetensors.
model-tokeniser-other = { $folder } has its tokenizer only as { $file }, which is not read. If the tokenizer has a fast version, this writes it as tokenizer.json: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $folder }').save_pretrained('{ $folder }')"`.
model-encoders = { $file } holds several encoders ({ $names }). Save the one to train by itself: in Python, model.encoder.save_pretrained(folder), under its own name.

# Notes about a model that was opened.
model-prefix-stripped = All names in { $file } begin with “{ $prefix }”, because the model was saved inside of something else. It was left out.
model-tensors-unused = { $folder } has { $count ->
    [one] a tensor that belongs
   *[other] { $count } tensors that belong
} to no part of the model and { $count ->
    [one] is
   *[other] are
} left out: { $names }
model-head-other = The model's own head { $kind ->
    [multi-label] gives a text any number of labels (multi-label classification)
    [regression] gives a number instead of a label (regression)
    [tokens] gives each token a label (token classification)
    [answers] finds an answer in a text (question answering)
    [choice] chooses among several texts (multiple choice)
    [next-sentence] tells whether one sentence follows another
   *[custom] is of a kind of its own ({ $class })
}. Training replaces it with a new one, for one label a text.
model-head-misfit = The model's own head cannot be used, so that training replaces it. { $why }
run-head-other = The head of the model in { $folder } { $kind ->
    [multi-label] gives a text any number of labels (multi-label classification)
    [regression] gives a number instead of a label (regression)
    [tokens] gives each token a label (token classification)
    [answers] finds an answer in a text (question answering)
    [choice] chooses among several texts (multiple choice)
    [next-sentence] tells whether one sentence follows another
   *[custom] is of a kind of its own ({ $class })
}; here a head gives each text one label. Train it with one first: thaw train --model "{ $folder }".
