// The printed Go client is type-checked by Go's compiler against the signatures of tfgo and of TensorFlow's Go API; its
// operations are those of the C client, which runs (c.test.ts).
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoRoot } from '../../support/shared.ts';
import { makeModels, operationsIn, run, snippetOf } from './support.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-go-'));
const tensorflow1 = join(repoRoot, 'fixtures/saved_models/tensorflow1');
const classifier = join(repoRoot, 'fixtures/inputs_logits');
/** In CI a missing compiler fails the tests. */
const hasGo = spawnSync('go', ['version']).status === 0 || process.env.CI === 'true';
const stubs = join(import.meta.dirname, 'go-stubs');

const GO_MOD = `module client

go 1.19

require (
	github.com/galeone/tensorflow/tensorflow/go v0.0.0
	github.com/galeone/tfgo v0.0.0
)

replace (
	github.com/galeone/tensorflow/tensorflow/go => ${stubs}/tensorflow
	github.com/galeone/tfgo => ${stubs}/tfgo
)
`;

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Vets one client; throws what the compiler says. */
function checkGo(name: string, text: string): void {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.go'), text);
  writeFileSync(join(folder, 'go.mod'), GO_MOD);
  const env = { GOFLAGS: '-mod=mod', GOPROXY: 'off', GOSUMDB: 'off', GOTOOLCHAIN: 'local' };
  run('go', ['vet', '.'], {
    cwd: folder,
    env: { ...env, GOCACHE: join(scratch, 'cache'), CGO_ENABLED: '0' },
  });
}

describe.skipIf(!hasGo)('the Go client (needs the Go compiler)', () => {
  beforeAll(() => {
    makeModels(join(scratch, 'models'));
  });

  it.each(['floats', 'several', 'texts', 'scalars', 'sources', 'dir "é" $x', 'sparse'])(
    'compiles, with the operations of the C client: %s',
    async (name) => {
      const model = join(scratch, 'models', name);
      const [go, c] = [await snippetOf('go', '--dir', model), await snippetOf('c', '--dir', model)];
      checkGo(name.replace(/\W/g, '_'), go);
      const used = operationsIn(go, /model\.Op\("(.*?)", (\d+)\)/g);
      expect(used.length).toBeGreaterThan(0);
      expect([...used].sort()).toEqual(operationsIn(c, /output_of\(graph, "(.*?)", (\d+)\)/g).sort());
    },
  );

  it('compiles for an export of TensorFlow 2', async () => {
    checkGo('tensorflow2', await snippetOf('go', classifier));
  });

  it('is refused where a type is wrong: the check can fail', async () => {
    const text = (await snippetOf('go', tensorflow1)).replace('model.Op("feat", 0)', 'model.Op("feat")');
    expect(() => checkGo('wrong', text)).toThrow(/not enough arguments in call to model\.Op/);
  });
});

describe('the text of the Go client', () => {
  it('names what is fed and fetched', async () => {
    const text = await snippetOf('go', tensorflow1);
    expect(text.replace(tensorflow1, 'DIRECTORY')).toMatchInlineSnapshot(`
      "// Build it with: go mod init client && go get github.com/galeone/tfgo && go build
      // (over the same C library as a client in C: https://www.tensorflow.org/install/lang_c)
      package main

      import (
      	"fmt"
      	"log"

      	tf "github.com/galeone/tensorflow/tensorflow/go"
      	tg "github.com/galeone/tfgo"
      )

      func main() {
      	model := tg.LoadModel("DIRECTORY", []string{"serve"}, nil)
      	input0 := check(tf.NewTensor([1][3][4][4]float32{}))
      	input1 := check(tf.NewTensor(int64(0)))
      	results := model.Exec([]tf.Output{
      		model.Op("count", 0), // count: DT_INT32 ()
      		model.Op("feat", 0), // feat: DT_FLOAT (-1, 3)
      	}, map[tf.Output]*tf.Tensor{
      		model.Op("image", 0): input0, // image: DT_FLOAT (-1, 3, 4, 4)
      		model.Op("scale", 0): input1, // scale: DT_INT64 ()
      	})
      	for _, result := range results {
      		fmt.Println(result.Shape())
      	}
      }

      func check(tensor *tf.Tensor, err error) *tf.Tensor {
      	if err != nil {
      		log.Fatal(err)
      	}
      	return tensor
      }
      "
    `);
  });
});
