# Heat map, proof of freeze, learning-rate finder
