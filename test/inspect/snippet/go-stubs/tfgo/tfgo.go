// Package tfgo declares, with the signatures of github.com/galeone/tfgo, what the printed client calls. For type checks.
package tfgo

import tf "github.com/galeone/tensorflow/tensorflow/go"

type Model struct{}

func LoadModel(exportDir string, tags []string, options *tf.SessionOptions) (model *Model) { panic("stub") }

func (model *Model) Exec(tensors []tf.Output, feedDict map[tf.Output]*tf.Tensor) (results []*tf.Tensor) {
	panic("stub")
}

func (model *Model) Op(name string, idx int) tf.Output { panic("stub") }
