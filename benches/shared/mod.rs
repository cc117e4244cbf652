//! Models and texts of the sizes that benches measure, made on the spot.

use std::path::Path;
use std::sync::Arc;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use thaw::data::dataset::{Dataset, Texts};
use thaw::domain::config::{DataConfig, ModelSource};
use thaw::model::pretrained::PretrainedModel;

/// A size of model, and the texts that it is trained on.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub name: &'static str,
    pub hidden: usize,
    pub layers: usize,
    pub inner: usize,
    pub heads: usize,
    /// Rows of a step, and how many tokens are read of each.
    pub rows: usize,
    pub max_length: usize,
    /// Words of each text; 0 takes the bundled reviews as they are.
    pub words: usize,
}

/// The bundled model on the bundled reviews.
pub const MINILM: Size =
    Size { name: "MiniLM", hidden: 384, layers: 6, inner: 1536, heads: 12, rows: 16, max_length: 128, words: 0 };
pub const BASE: Size =
    Size { name: "base", hidden: 768, layers: 12, inner: 3072, heads: 12, rows: 8, max_length: 256, words: 230 };
pub const LARGE: Size =
    Size { name: "large", hidden: 1024, layers: 24, inner: 4096, heads: 16, rows: 8, max_length: 256, words: 230 };

impl Size {
    /// The model: the bundled one, or one with random weights and the bundled tokeniser, which is written into `folder`.
    pub fn model(&self, folder: &Path) -> PretrainedModel {
        if self.words == 0 {
            return PretrainedModel::open(&ModelSource::Bundled).expect("the bundled model");
        }
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/model");
        for file in ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"] {
            std::fs::copy(assets.join(file), folder.join(file)).expect("a file of the tokeniser");
        }
        let config = serde_json::json!({
            "model_type": "bert", "hidden_size": self.hidden, "num_hidden_layers": self.layers, "hidden_act": "gelu",
            "intermediate_size": self.inner, "num_attention_heads": self.heads, "vocab_size": VOCABULARY,
            "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0,
            "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "architectures": ["BertModel"],
        });
        std::fs::write(folder.join("config.json"), config.to_string()).expect("the configuration");
        self.write_weights(&folder.join("model.safetensors"));
        PretrainedModel::open(&ModelSource::Folder(folder.to_owned())).expect("the model made here")
    }

    /// Every tensor is the beginning of the same random numbers, or of ones where it scales a LayerNorm.
    fn write_weights(&self, path: &Path) {
        let mut state = 1_u32;
        let random = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 * 0.07 - 0.035
        });
        let random: Vec<u8> = random.take(VOCABULARY * self.hidden).flat_map(f32::to_le_bytes).collect();
        let ones = 1.0_f32.to_le_bytes().repeat(self.hidden);
        let shapes = self.shapes();
        let views = shapes.iter().map(|(name, shape)| {
            let from = if name.ends_with("LayerNorm.weight") { &ones } else { &random };
            let bytes = &from[..shape.iter().product::<usize>() * size_of::<f32>()];
            (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a shape"))
        });
        safetensors::serialize_to_file(views, None, path).expect("the weights");
    }

    fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let (hidden, inner) = (self.hidden, self.inner);
        let mut shapes = Vec::new();
        for (table, rows) in [("word", VOCABULARY), ("position", 512), ("token_type", 2)] {
            shapes.push((format!("embeddings.{table}_embeddings.weight"), vec![rows, hidden]));
        }
        let mut norms = vec!["embeddings".to_owned()];
        let mut dense = vec![("pooler.dense".to_owned(), hidden, hidden)];
        for layer in (0..self.layers).map(|i| format!("encoder.layer.{i}")) {
            for map in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
            {
                dense.push((format!("{layer}.{map}"), hidden, hidden));
            }
            dense.push((format!("{layer}.intermediate.dense"), inner, hidden));
            dense.push((format!("{layer}.output.dense"), hidden, inner));
            norms.extend([format!("{layer}.attention.output"), format!("{layer}.output")]);
        }
        for (name, outputs, inputs) in dense {
            shapes.push((format!("{name}.weight"), vec![outputs, inputs]));
            shapes.push((format!("{name}.bias"), vec![outputs]));
        }
        for name in norms {
            shapes.push((format!("{name}.LayerNorm.weight"), vec![hidden]));
            shapes.push((format!("{name}.LayerNorm.bias"), vec![hidden]));
        }
        shapes
    }

    /// Some of the bundled reviews, or texts of so many words that are joined from them.
    pub fn texts(&self, rows: usize) -> Arc<Texts> {
        let short = Dataset::open(&DataConfig::default(), &|_, _| {}).expect("the bundled reviews").texts;
        let all = (0..short.len()).map(|i| short.get(i));
        if self.words == 0 {
            return Arc::new(all.cycle().take(rows).collect());
        }
        let words: Vec<&str> = all.flat_map(|text| text.split(' ')).collect();
        let mut words = words.into_iter().cycle();
        let long = (0..rows).map(|_| words.by_ref().take(self.words).collect::<Vec<_>>().join(" "));
        Arc::new(long.collect::<Vec<_>>().iter().map(String::as_str).collect())
    }
}

/// The number of tokens of the bundled tokeniser.
const VOCABULARY: usize = 30_522;
