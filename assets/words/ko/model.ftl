# 모델 폴더: 읽기, 검사, 저장.
model-folder-missing = { $folder } 폴더가 없습니다. Hugging Face 형식의 모델이 들어 있는 폴더를 선택하세요.
model-not-a-folder = { $folder }: 폴더가 아닙니다. config.json과 model.safetensors가 들어 있는 폴더를 선택하세요.
model-file-missing = { $folder } 폴더에 { $file } 파일이 없습니다. 모델 폴더에는 config.json, model.safetensors, 그리고 tokenizer.json 또는 vocab.txt가 있어야 합니다.
model-pickle-unreadable = { $file } 파일을 PyTorch 가중치로 읽을 수 없습니다. 다시 복사하거나 내려받거나, 모델을 model.safetensors로 저장하세요(Python: model.save_pretrained(folder)).
model-pickle-whole = { $file } 파일에는 가중치만이 아니라 모델 전체가 Python 프로그램으로 들어 있습니다. 프로그램은 여기서 실행하지 않습니다. 다음 명령으로 { $folder } 폴더에 model.safetensors를 만드세요: `python -c "import torch; torch.load('{ $file }', weights_only=False).save_pretrained('{ $folder }')"`. 믿을 수 있는 파일에만 쓰세요.
model-from-pickle = 가중치를 { $file } 파일에서 읽었습니다. 프로그램이 들어 있을 수 있는 형식이므로 숫자만 읽고 아무것도 실행하지 않았습니다. model.safetensors가 더 안전한 형식입니다.
model-tokeniser-missing = { $folder } 폴더에 tokenizer.json도, vocab.txt도, merges.txt와 함께 있는 vocab.json도 없습니다. 이 모델의 토크나이저를 넣으세요. 다른 토크나이저를 쓰면 모델이 단어를 다르게 읽습니다. Python에서는 { $base ->
    [MODEL] MODEL 자리에 학습을 시작한 모델의 이름을 적어
   *[other] { $base } 모델의 것이라면
} 이렇게 합니다: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $base }').save_pretrained('{ $folder }')"`.
model-file-too-large = { $file } 파일이 { $limit_mb }MB보다 커서 이런 종류의 파일로 볼 수 없습니다. 올바른 파일인지 확인하세요.
model-file-damaged = { $file } 파일은 온전한 safetensors 파일이 아닙니다. 다시 복사하거나 내려받으세요.
model-lfs-pointer = { $file } 파일은 가중치가 아니라 Git LFS 포인터입니다. 그 폴더에서 `git lfs pull`을 실행하거나 파일 자체를 내려받으세요.
model-json-damaged = { $file } 파일을 올바른 JSON으로 읽을 수 없습니다. 다시 복사하거나 내려받으세요.
model-family = { $file } 파일은 “{ $family }” 모델의 것입니다. 이 버전은 다음 계열의 모델을 학습합니다: { $families }. 이 중에서 선택하세요.
model-config-missing = { $file } 파일에 “{ $field }” 항목이 없습니다. 이 모델의 config.json을 사용하세요.
model-config-field = { $file } 파일의 “{ $field }” 값의 종류가 맞지 않습니다. 이 모델의 config.json을 사용하세요.
model-config-range = { $file } 파일의 “{ $field }” 값이 { $value }인데, { $min }에서 { $max } 사이여야 합니다. 이 모델의 config.json을 사용하세요.
model-config-heads = { $file } 파일에서 hidden_size { $hidden } 값이 num_attention_heads { $heads } 값으로 나누어떨어지지 않습니다. 이 모델의 config.json을 사용하세요.
model-config-unsupported = { $file } 파일의 “{ $field }” 값이 { $value }입니다. 이 버전이 지원하는 값은 { $supported }입니다. 다른 모델을 선택하세요.
model-config-labels = { $file } 파일의 “id2label”은 0, 1, 2, …의 번호로 각 클래스를 한 번씩만 적어야 합니다. 고치거나, 지워서 LABEL_0, LABEL_1, … 이름을 쓰세요.
model-tensor-missing = config.json에 따르면 있어야 할 { $shape } 모양의 텐서 { $tensor } 항목이 { $file } 파일에 없습니다. 가중치와 config.json이 같은 모델의 것인지 확인하세요.
model-tensor-shape = { $file } 파일의 { $tensor } 모양은 { $found }인데, config.json에 따르면 { $expected } 모양이어야 합니다. 가중치와 config.json이 같은 모델의 것인지 확인하세요.
model-tensor-type = { $file } 파일의 { $tensor } 값은 { $type } 형식입니다. 이 버전은 F64, F32, F16, BF16을 읽습니다. 양자화되지 않은 모델을 선택하세요.
model-tensor-not-finite = { $file } 파일의 { $tensor }에 숫자가 아닌 값(NaN 또는 무한대)이 있습니다. 파일이 손상되었거나 학습이 실패한 모델입니다. 다른 모델을 선택하세요.
model-tensor-twice = { $file } 파일에 { $tensor } 텐서가 서로 다른 이름으로 두 번 들어 있습니다. 하나만 남기거나 다른 파일을 선택하세요.
model-vocabulary-larger = { $folder } 폴더의 토크나이저는 단어가 { $tokeniser }개인데, 모델은 { $model }개뿐입니다. 다른 모델의 토크나이저이므로 이 모델의 토크나이저를 폴더에 복사하세요.
model-vocabulary-smaller = { $folder } 폴더의 토크나이저는 모델의 단어 { $model }개 중 { $tokeniser }개만 알고 있습니다. 다른 모델의 토크나이저이므로 이 모델의 토크나이저를 폴더에 복사하세요.
head-new-asked = 새 분류 헤드로 시작하라고 했으므로(--new-head) { $model } 모델에 딸려 온 헤드를 쓰지 않습니다. 그대로 쓰려면 --new-head를 빼세요.
model-without-head = { $model } 모델에는 텍스트를 분류하는 헤드가 없어 그대로 쓸 것이 없습니다. --keep-head와 --label-map을 빼고 새 분류 헤드로 시작하세요.
head-other-classes = 모델에 딸려 온 분류 헤드를 그대로 쓸 수 없습니다. 헤드의 레이블은 { $heads }개({ $classes }), 데이터의 레이블은 { $count }개({ $labels })인데, 하나에 하나씩 짝이 맞아야 합니다. --keep-head와 --label-map을 빼고 새 분류 헤드로 시작하세요.
head-missing = { $head }에 분류 헤드가 없습니다({ $tensor } 없음). 실행 폴더, 분류 헤드가 있는 폴더, 또는 이 가중치가 있는 safetensors 파일을 쓰세요.
head-of-other-model = { $head }의 헤드는 { $model } 모델이 아닌 다른 가중치 위에서 학습했습니다({ $name }에서 다름). 다른 가중치 위에서는 뜻이 없습니다. { $head } 자체를 평가하거나, 학습에 쓴 모델을 쓰세요.
model-case-guessed = { $folder } 폴더에는 토크나이저가 대소문자를 구별하는지 적혀 있지 않습니다. 어휘에 대문자가 든 단어가 있어 구별하는 것으로 읽었습니다(Python은 소문자로 바꿉니다). tokenizer_config.json에 "do_lower_case": false(또는 true)라고 적어 정할 수 있습니다.

# 모델 폴더로 보이지만 아니거나, 여기서 읽지 못하는 종류인 것.
model-code = { $file } 파일은 프로그램을 모델로 지정합니다(“auto_map”의 { $class }). 다른 사람의 프로그램은 여기서 실행하지 않습니다. 다른 모델을 선택하거나, 그 계열의 보통 신경망이라면 “auto_map”을 지우세요.
model-quantised = { $file } 파일은 양자화된 가중치({ $method })의 것이라 학습할 수 없습니다. 양자화하기 전의 모델을 선택하세요.
model-architecture = { $file } 파일은 { $class }의 것인데, { $family } 계열의 클래스가 아닙니다. 다른 모델을 선택하거나, 인코더가 { $family }의 보통 인코더라면 “architectures”를 지우세요.
model-adapter = { $folder } 폴더에는 모델 { $base }의 일부만 바꾸는 어댑터({ $kind })가 있습니다. 다음 명령으로 둘을 합친 모델을 merged 폴더에 만드세요: `python -c "from peft import AutoPeftModelForSequenceClassification as M; M.from_pretrained('{ $folder }').merge_and_unload().save_pretrained('merged')"`.
model-adapter-inside = { $file } 파일에 어댑터의 가중치({ $tensor })가 있습니다. Python에서 합친 다음 저장하세요: `model.merge_and_unload().save_pretrained(folder)`.
model-in-checkpoint = { $folder } 폴더는 학습의 출력 폴더입니다. { $count ->
    [1] 모델은 체크포인트
   *[other] 체크포인트가 { $count }개이며, 가장 최근 모델은
} { $checkpoint }입니다. 그 폴더를 선택하세요.
model-in-checkpoint-beside-tokeniser = { $folder } 폴더는 학습의 출력 폴더입니다. { $count ->
    [1] 모델은 체크포인트
   *[other] 체크포인트가 { $count }개이며, 가장 최근 모델은
} { $checkpoint }입니다. { $folder }의 토크나이저 파일을 그곳에 복사한 다음 그 폴더를 선택하세요.
model-in-checkpoint-without-tokeniser = { $folder } 폴더는 학습의 출력 폴더입니다. { $count ->
    [1] 모델은 체크포인트
   *[other] 체크포인트가 { $count }개이며, 가장 최근 모델은
} { $checkpoint }인데, 토크나이저가 없습니다. 학습에 쓴 토크나이저를 그곳에 넣은 다음 그 폴더를 선택하세요. Python: `tokenizer.save_pretrained("{ $checkpoint }")`.
model-in-folder = { $folder } 폴더 자체에는 모델이 없고, 그 안에 하나 있습니다. { $inner } 폴더를 선택하세요.
model-weights-tensorflow = { $folder } 폴더의 가중치는 TensorFlow용 { $file }입니다. 다음 명령으로 model.safetensors를 만드세요(먼저 `pip install "transformers<5" tensorflow tf-keras torch`): `python -c "from transformers import { $class } as M; M.from_pretrained('{ $folder }', from_tf=True).save_pretrained('{ $folder }')"`.
model-weights-flax = { $folder } 폴더의 가중치는 Flax용 { $file }입니다. 다음 명령으로 model.safetensors를 만드세요(먼저 `pip install "transformers<5" flax torch`): `python -c "from transformers import { $class } as M; M.from_pretrained('{ $folder }', from_flax=True).save_pretrained('{ $folder }')"`.
model-weights-tensorflow-1 = { $folder } 폴더의 가중치는 TensorFlow 1 체크포인트 { $file }입니다. 그 폴더에서 다음 명령으로 pytorch_model.bin을 만든 다음(먼저 `pip install "transformers<5" tensorflow torch`), bert_config.json의 이름을 config.json으로 바꾸세요: `transformers-cli convert --model_type bert --tf_checkpoint { $file } --config bert_config.json --pytorch_dump_output pytorch_model.bin`.
model-weights-changed = 모델을 쓰는 동안 { $file } 파일의 가중치가 바뀌어 동결된 층의 원래 가중치를 읽을 수 없습니다. 파일을 원래대로 되돌리거나 다시 학습하세요.
model-weights-parts = { $folder } 폴더의 가중치는 여러 장치에서 학습한 조각({ $file })으로 나뉘어 있습니다. 그 폴더에서 다음 명령으로 합치세요: `{ $command }`.
model-weights-name = { $folder } 폴더에는 읽을 수 있는 이름의 가중치가 없고 { $file } 파일이 있습니다. 이 모델의 가중치라면 이름을 { $name }{ PARTICLE($name, "으로/로") } 바꾸세요.
model-weights-runtime = { $folder } 폴더의 가중치는 { $kind }용 { $file }뿐입니다. 계산만 하고 학습은 하지 못하는 형식입니다. 변환하기 전의 모델(model.safetensors)을 선택하세요.
model-tokeniser-other = { $folder } 폴더의 토크나이저는 { $file }뿐인데, 이 형식은 읽지 않습니다. 빠른(fast) 버전이 있다면 다음 명령으로 tokenizer.json을 만드세요: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $folder }').save_pretrained('{ $folder }')"`.
model-encoders = { $file } 파일에 인코더가 여러 개 있습니다({ $names }). 학습할 것만 따로 저장하세요. Python에서는 model.encoder.save_pretrained(folder)처럼 그 이름으로 저장합니다.

# 연 모델에 대한 알림.
model-prefix-stripped = { $file }의 모든 이름이 “{ $prefix }”{ PARTICLE($prefix, "으로/로") } 시작합니다. 모델이 다른 것 안에 든 채로 저장되었기 때문이며, 이 부분은 빼고 읽었습니다.
model-tensors-unused = { $folder } 폴더의 텐서 { $count }개는 모델의 어느 부분도 아니어서 뺐습니다: { $names }
model-head-other = 모델의 원래 분류 헤드는 { $kind ->
    [multi-label] 한 글에 레이블을 몇 개든 붙입니다(다중 레이블 분류)
    [regression] 레이블이 아니라 숫자를 냅니다(회귀)
    [tokens] 토큰마다 레이블을 붙입니다(토큰 분류)
    [answers] 글에서 답을 찾습니다(질의응답)
    [choice] 여러 글 가운데 하나를 고릅니다(객관식)
    [next-sentence] 두 문장이 이어지는지 판단합니다
   *[custom] 고유한 종류입니다({ $class })
}. 학습하면 글마다 레이블 하나를 붙이는 새 분류 헤드로 바뀝니다.
model-head-misfit = 모델의 원래 분류 헤드를 쓸 수 없어, 학습하면 새것으로 바뀝니다. { $why }
run-head-other = { $folder } 폴더 모델의 헤드는 { $kind ->
    [multi-label] 한 글에 레이블을 몇 개든 붙입니다(다중 레이블 분류)
    [regression] 레이블이 아니라 숫자를 냅니다(회귀)
    [tokens] 토큰마다 레이블을 붙입니다(토큰 분류)
    [answers] 글에서 답을 찾습니다(질의응답)
    [choice] 여러 글 가운데 하나를 고릅니다(객관식)
    [next-sentence] 두 문장이 이어지는지 판단합니다
   *[custom] 고유한 종류입니다({ $class })
}. 여기서는 글마다 레이블 하나를 붙이는 분류 헤드를 씁니다. 먼저 학습하세요: thaw train --model "{ $folder }".
