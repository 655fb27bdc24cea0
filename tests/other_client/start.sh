# Starts the simulator for a test in another language. Sourced from the root of the repository.
#
# `start_simulator LOG` has it print to that file, and ends it with the script. `setting NAME` then tells one of
# the settings that it printed.

start_simulator() {
  simulator_log=$1
  cargo build -q --example simulator --features testing
  "${CARGO_TARGET_DIR:-target}/debug/examples/simulator" >"$simulator_log" &
  simulator=$!
  trap 'kill "$simulator"' EXIT
  # The first empty line ends what it prints of itself.
  for _ in $(seq 100); do
    grep -q '^$' "$simulator_log" && return
    sleep 0.1
  done
  echo "the simulator didn't start; see $simulator_log" >&2
  return 1
}

setting() {
  sed -n "s/^$1=//p" "$simulator_log"
}
