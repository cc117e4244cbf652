# 다른 파일에서 평가
other-tests = 다른 테스트
    .hint = 실행을 종류가 다른 파일에서 평가해 자체 테스트와 나란히 봅니다. 학습 때와 다른 글에서 동결이 잃는 것과 얻는 것을 봅니다.
other-tests-about = 종류가 다른 글에서는 얼마나 맞힐까요? 파일에서 레이블이 있는 모든 행을 묻습니다. 자체 테스트와의 차이는 퍼센트포인트이며 95 % 신뢰 구간을 함께 보여 줍니다.
other-tests-own = 자체 테스트
other-tests-no-run = 다른 파일에서 평가하려면 모델을 학습하거나, 모델이 있는 실행을 여세요.
other-tests-none = 모델이 있는 실행을 아직 고르지 않았습니다.
other-tests-test = 다른 파일에서 평가…
    .hint = 학습 파일처럼 텍스트와 레이블이 있는 파일입니다. 결과는 실행과 함께 보관합니다.
other-tests-test-all = 모두 다른 파일에서 평가…
    .hint = 학습 파일처럼 텍스트와 레이블이 있는 파일입니다. 실행을 하나씩 평가하고 결과를 각 실행과 함께 보관합니다.
other-tests-under-way = { $file }에서 평가하는 중: 실행 { $number }/{ $total }
other-tests-map = 어느 레이블이 무엇인가요?
    .hint = 0=negative, 1=positive
other-tests-test-mapped = 이 레이블로 평가
other-tests-dismiss = 그만두기
other-tests-accuracy-on = 정확도를 볼 테스트
other-tests-test-name = 테스트
other-tests-interval = 95 % 신뢰 구간
other-tests-beside = 자체 테스트와의 차이
other-tests-difference = 차이
other-tests-range = { $low } ~ { $high }
other-tests-own-hover = 실행 자신의 데이터에서 남겨 둔 행으로 한 테스트
other-tests-decided = 우연이라기에는 큰 차이입니다(95 %).
other-tests-undecided = 우연일 수 있는 차이입니다. 95 % 신뢰 구간에 0이 들어 있습니다.
other-tests-warning = * { $test }: { $warning }
other-test-not-kept = 이 파일에서 나온 답을 { $folder }에 보관하지 못했습니다: { $problem }
