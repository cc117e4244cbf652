//! Encoder layers that follow each other as one operation. candle would copy every gradient that it carries from one layer
//! to the next, make zeros and add to them, all on one thread.

use candle_core::{Result, Tensor, bail};

use super::super::LayerBlock;
use super::layer::Intermediates;
use super::{Block, Fused};

/// Layers, the lowest first; there is at least one.
#[derive(Clone)]
pub(super) struct Stack(pub Vec<LayerBlock>);

impl Stack {
    /// Whether a layer below this one trains.
    fn trains_below(&self, index: usize) -> bool {
        self.0[..index].iter().any(|layer| layer.anchor().is_some())
    }
}

impl Block for Stack {
    const NAME: &'static str = "layers";
    /// For each layer its input, unless it is that of the stack, and what it saved itself.
    type Saved = Vec<(Option<Vec<f32>>, Option<Intermediates>)>;

    fn anchor(&self) -> Option<&Tensor> {
        self.0.iter().find_map(Block::anchor)
    }

    fn width(&self) -> Result<usize> {
        self.0[0].width()
    }

    fn forward(&self, ops: Fused, x: &[f32], keep: bool) -> Result<(Vec<f32>, Option<Self::Saved>)> {
        let (mut saved, mut last) = (Vec::new(), None);
        for layer in &self.0 {
            let input: Option<Vec<f32>> = last;
            let (y, of_layer) = layer.forward(ops, input.as_deref().unwrap_or(x), keep)?;
            if keep {
                saved.push((input, of_layer));
            }
            last = Some(y);
        }
        match last {
            Some(y) => Ok((y, keep.then_some(saved))),
            None => bail!("there are no layers"),
        }
    }

    fn backward(
        &self,
        ops: Fused,
        mut g: Vec<f32>,
        x: &[f32],
        saved: Self::Saved,
        dx: Option<&mut Vec<f32>>,
    ) -> Result<()> {
        for (index, (layer, (input, of_layer))) in self.0.iter().zip(saved).enumerate().rev() {
            let Some(of_layer) = of_layer else { bail!("a layer has saved nothing") };
            let mut d_input = (dx.is_some() || self.trains_below(index)).then(Vec::new);
            layer.backward(ops, g, input.as_deref().unwrap_or(x), of_layer, d_input.as_mut())?;
            match (d_input, index) {
                (None, _) => return Ok(()),
                (Some(d_input), 0) => {
                    if let Some(dx) = dx {
                        *dx = d_input;
                    }
                    return Ok(());
                }
                (Some(d_input), _) => g = d_input,
            }
        }
        Ok(())
    }
}
