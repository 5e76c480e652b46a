module github.com/galeone/tensorflow/tensorflow/go

go 1.19
