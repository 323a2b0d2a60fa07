# The walkthrough by hand, on the initiator: finds and connects nvmet-test, and prints its block device when it is there.
# Usage: connect.sh ADDRESS
set -e
# As the installation of nvme-cli does: its NQN with the kernel's host id would be refused.
[ -e /etc/nvme/hostnqn ] || nvme gen-hostnqn > /etc/nvme/hostnqn
[ -e /etc/nvme/hostid ] || sed 's/.*uuid://' /etc/nvme/hostnqn > /etc/nvme/hostid
modprobe -a nvme nvme-tcp
nvme discover -t tcp -a "$1" -s 4420
nvme connect -t tcp -n nvmet-test -a "$1" -s 4420
for _ in $(seq 100); do
  for subsystem in /sys/class/nvme-subsystem/*; do
    [ "$(cat "$subsystem/subsysnqn")" = nvmet-test ] || continue
    for device in "$subsystem"/nvme*n*; do
      [ -b "/dev/${device##*/}" ] && echo "device: /dev/${device##*/}" && exit
    done
  done
  sleep 0.05
done
echo "no block device came" >&2
exit 1
