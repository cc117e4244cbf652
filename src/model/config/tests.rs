//! What `config.json` may say, and what is refused.

use super::*;

fn json(change: impl FnOnce(&mut Map<String, Value>)) -> Map<String, Value> {
    let text = include_str!("../../../assets/model/config.json");
    let mut map: Map<String, Value> = serde_json::from_str(text).unwrap();
    change(&mut map);
    map
}

fn refused(change: impl FnOnce(&mut Map<String, Value>)) -> String {
    EncoderConfig::from_json(&json(change), "config.json").unwrap_err().to_string()
}

#[test]
fn the_bundled_config() {
    let c = EncoderConfig::from_json(&json(|_| ()), "config.json").unwrap();
    assert_eq!((c.vocab_size, c.hidden_size, c.num_hidden_layers), (30522, 384, 6));
    assert_eq!((c.num_attention_heads, c.head_size(), c.intermediate_size), (12, 32, 1536));
    assert_eq!((c.max_position_embeddings, c.type_vocab_size, c.layer_norm_eps), (512, 2, 1e-12));
    assert_eq!((c.hidden_act, c.head_dropout(), c.classifier_dropout), (Activation::Gelu, 0.1, None));
}

#[test]
fn absent_and_null_fields_have_hugging_faces_defaults() {
    let c = EncoderConfig::from_json(
        &json(|m| {
            for field in ["type_vocab_size", "layer_norm_eps", "hidden_act", "model_type", "architectures"] {
                m.remove(field);
            }
            m.insert("pad_token_id".into(), Value::Null);
            m.insert("classifier_dropout".into(), 0.25.into());
        }),
        "config.json",
    )
    .unwrap();
    assert_eq!((c.type_vocab_size, c.layer_norm_eps, c.hidden_act), (2, 1e-12, Activation::Gelu));
    assert_eq!((c.pad_token_id, c.head_dropout()), (0, 0.25));
}

#[test]
fn what_does_not_fit_is_refused_by_its_field() {
    let set = |field: &'static str, value: Value| refused(move |m| drop(m.insert(field.into(), value)));
    for field in ["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"] {
        assert!(set(field, 0.into()).starts_with("model-config-range"), "{field}");
        assert!(set(field, u64::MAX.into()).contains(field), "{field}");
        assert!(set(field, "many".into()).starts_with("model-config-field"), "{field}");
        assert!(set(field, (-1).into()).contains(field), "{field}");
        assert!(refused(|m| drop(m.remove(field))).starts_with("model-config-missing"), "{field}");
    }
    assert!(set("num_attention_heads", 7.into()).starts_with("model-config-heads"));
    assert!(set("layer_norm_eps", 0.into()).contains("layer_norm_eps"));
    assert!(set("hidden_dropout_prob", 1.5.into()).contains("hidden_dropout_prob"));
    assert!(set("hidden_act", "silu".into()).starts_with("model-config-unsupported"));
    assert!(set("position_embedding_type", "relative_key".into()).contains("relative_key"));
    assert!(set("is_decoder", true.into()).contains("is_decoder"));
}

#[test]
fn another_family_is_refused_by_name() {
    for family in ["gpt2", "t5", "albert", "modernbert", "deberta-v2", "xlnet", "Bert"] {
        let told = refused(|m| drop(m.insert("model_type".into(), family.into())));
        assert!(told.starts_with("model-family") && told.contains(family), "{told}");
        assert!(told.contains("bert, distilbert, roberta, xlm-roberta, electra"), "{told}");
    }
    let told = refused(|m| {
        m.remove("model_type");
        m.insert("architectures".into(), vec!["AlbertModel"].into());
    });
    assert!(told.contains("AlbertModel"), "{told}");
}

#[test]
fn distilberts_fields_have_names_of_their_own() {
    let text = r#"{"model_type": "distilbert", "vocab_size": 120, "dim": 32, "n_layers": 3, "n_heads": 4,
        "hidden_dim": 64, "max_position_embeddings": 512, "dropout": 0.3, "attention_dropout": 0.2,
        "activation": "relu", "layer_norm_eps": 0.01}"#;
    let mut json: Map<String, Value> = serde_json::from_str(text).unwrap();
    let c = EncoderConfig::from_json(&json, "config.json").unwrap();
    assert_eq!((c.hidden_size, c.num_hidden_layers, c.num_attention_heads, c.intermediate_size), (32, 3, 4, 64));
    assert_eq!((c.hidden_dropout_prob, c.attention_probs_dropout_prob, c.head_dropout()), (0.3, 0.2, 0.2));
    assert_eq!((c.hidden_act, c.layer_norm_eps, c.type_vocab_size), (Activation::Relu, 1e-12, 0));
    json.insert("seq_classif_dropout".into(), 0.4.into());
    assert_eq!(EncoderConfig::from_json(&json, "config.json").unwrap().head_dropout(), 0.4);
    json.remove("hidden_dim");
    assert!(EncoderConfig::from_json(&json, "config.json").unwrap_err().to_string().contains("hidden_dim"));
}

#[test]
fn robertas_positions_begin_after_padding() {
    let roberta = |positions: usize| {
        let json = json(|m| {
            m.insert("model_type".into(), "roberta".into());
            m.insert("pad_token_id".into(), 1.into());
            m.insert("max_position_embeddings".into(), positions.into());
        });
        EncoderConfig::from_json(&json, "config.json").map(|c| c.positions())
    };
    assert_eq!(roberta(514).unwrap(), 512);
    assert!(roberta(4).unwrap_err().to_string().starts_with("model-config-range"));
}

#[test]
fn electras_embeddings_may_be_narrower() {
    let electra = |change: &dyn Fn(&mut Map<String, Value>)| {
        let json = json(|m| {
            m.insert("model_type".into(), "electra".into());
            change(m);
        });
        EncoderConfig::from_json(&json, "config.json").unwrap()
    };
    assert_eq!(electra(&|_| ()).embedding_size, 128);
    let same = electra(&|m| drop(m.insert("embedding_size".into(), 384.into())));
    assert!(!same.projects_embeddings());
}

#[test]
fn labels_in_the_order_of_their_ids() {
    let of = |value: Value| labels(&json(|m| drop(m.insert("id2label".into(), value))), "config.json");
    let labels_10 = (0..12).rev().map(|i| (i.to_string(), Value::from(format!("l{i}")))).collect::<Map<_, _>>();
    assert_eq!(of(labels_10.into()).unwrap().unwrap()[10], "l10");
    assert_eq!(of(Value::Null).unwrap(), None);
    for bad in [r#"{"1":"a"}"#, r#"{"0":"a","2":"b"}"#, r#"{"0":"a","1":"a"}"#, r#"{"x":"a"}"#, r#"["a"]"#] {
        assert!(of(serde_json::from_str(bad).unwrap()).is_err(), "{bad}");
    }
}
