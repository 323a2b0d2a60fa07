# Runs the programs that the host asks for on the serial port named `commands`: `run ID` and `signal ID NAME` come,
# `ready` and `exit ID CODE` go. Scripts and outputs lie in /run/lab/programs, which the host sees too.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
for port in /sys/class/virtio-ports/*; do
  [ "$(cat "$port/name")" = commands ] && device=/dev/${port##*/}
done
programs=/run/lab/programs
mkdir -p /run/programs

run() {
  # A session of its own, so that a signal reaches all of the program.
  setsid -w sh "$programs/$1.sh" < /dev/null > "$programs/$1.out" 2> "$programs/$1.err" 3>&-
  echo "exit $1 $?" >&3
}

exec 3<> "$device"
echo ready >&3
while :; do
  while read -r verb id name; do
    case $verb in
      run) run "$id" & ;;
      signal) kill -s "$name" -- "-$(cat "/run/programs/$id")" ;;
    esac
  done <&3
  # The port reads as ended while the host does not listen.
  sleep 1
done
