# Heat map, proof of freeze, learning-rate finder
proof-totals = 텐서 { $unchanged }개 비트 단위로 그대로, { $changed }개 바뀜.
proof-before = 이전
proof-after = 이후
proof-changed = 바뀜
proof-unchanged = 그대로
proof-broken = 동결했는데 바뀜
proof-altered = 실행 뒤에 변경됨
proof-list = 학습 전후의 지문(SHA-256)
cli-params-run_dir = 실행 폴더: 학습 전후 가중치의 지문을 보여 줍니다.
freeze-broken = 동결했는데도 바뀐 파라미터: { $names }. 이 실행은 동결의 효과를 보여 주지 못합니다. 문제를 알려 주세요.
fingerprints-altered = { $folder }의 가중치가 실행이 저장한 것과 다릅니다. 텐서 { $count }개가 다릅니다: { $names }. 실행 뒤에 model.safetensors나 fingerprints.json이 바뀌었습니다.
run-without-fingerprints = { $folder }에 fingerprints.json이 없습니다. 이 버전의 Thaw가 가중치를 저장한 실행이 아닙니다. 다시 학습하면 증명이 남습니다.
fingerprint-without-tensor = { $folder }의 model.safetensors에 fingerprints.json에 있는 { $name }이(가) 없습니다. 실행 뒤에 파일이 바뀌었습니다.
