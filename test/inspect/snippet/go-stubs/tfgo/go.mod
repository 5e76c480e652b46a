module github.com/galeone/tfgo

go 1.19

require github.com/galeone/tensorflow/tensorflow/go v0.0.0
