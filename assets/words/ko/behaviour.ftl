# Behaviour tests

cli-about-check = 실행의 모델에 테스트 행을 정해진 방식으로 바꾸어 다시 묻고, 기대와 다르게 답한 경우를 셉니다.
cli-check-run_dir = 실행 폴더
cli-check-templates = 직접 만든 문장 틀이 담긴 TOML 파일. 안내서를 참고하세요
check-test = 검사
check-expects = 레이블
check-cases = 사례
check-failures = 실패
check-rate = 실패율
check-same = 유지
check-other = 변경
check-label = { $label }
check-example = 실패한 예: { $test }
check-negation = not 추가
check-typos = 글자 두 개 바꾸기
check-punctuation = 마침표 빼기 또는 붙이기
check-case = 대문자
check-names = 다른 이름
check-places = 다른 장소
check-neutral-words = 중립 문장 추가
check-template-negation = 문장 틀: 부정
check-template-opposite = 문장 틀: 반대말
check-template-same = 문장 틀: 중립 표현 추가
check-why-korean = 텍스트가 대부분 한국어이므로 중립 문장과 문장 틀을 한국어로 묻습니다. 행의 not, 이름, 장소, 오타, 대문자 검사는 영어에만 쓸 수 있습니다.
check-why-other-language = 텍스트가 대부분 영어도 한국어도 아니므로 단어를 아는 검사에는 사례가 없습니다. 직접 만든 문장 틀(--templates)은 어느 언어로든 쓸 수 있습니다.
check-why-no-opinions = 부정 검사에는 positive와 negative처럼 의견을 나타내는 두 레이블이 필요한데, 이 실행의 레이블은 다릅니다. 직접 만든 문장 틀(--templates)에는 기대하는 레이블을 적을 수 있습니다.
compare-behaviour = 검사 실패율
compare-check = 행동 검사하기
    .hint = not을 넣는 등 바꾼 텍스트로 실행마다 묻습니다. 잘못된 답의 비율이 표에 나오고, 가리키면 예가 나옵니다.
examine-rate-of = { $test }: { $rate } ({ $cases }개 가운데 { $failures }개)
stage-behaviour = 바꾼 텍스트로 묻는 중
cli-stage-behaviour = 바꾼 텍스트로 묻는 중
check-label-unknown = “{ $test }” 검사가 기대하는 레이블 “{ $label }”{ PARTICLE($label, "은/는") } 이 실행에 없습니다. 레이블: { $labels }.
check-file-unreadable = { $file } 파일은 문장 틀 파일이 아닙니다. [[template]]이 하나 이상 있어야 하고, 각각 test, before와 함께 label 또는 after와 expects가 필요합니다.
check-template-unclear = { $file } 파일의 “{ $test }” 검사에 기대하는 것이 적혀 있지 않습니다. label을 적거나, after와 expects = "same" 또는 "other"를 함께 적으세요.
check-blank-unknown = { $file } 파일의 “{ $test }” 검사에 있는 빈칸 { $name }에 넣을 단어가 없습니다. [words]에 적으세요.
