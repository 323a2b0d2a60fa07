# The walkthrough by hand, on the target: exports /dev/nvme0n1 over TCP. Usage: export.sh ADDRESS
set -e
modprobe -a nvmet nvmet-tcp
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
nvmet=/sys/kernel/config/nvmet
mkdir $nvmet/subsystems/nvmet-test
echo 1 > $nvmet/subsystems/nvmet-test/attr_allow_any_host
mkdir $nvmet/subsystems/nvmet-test/namespaces/1
printf /dev/nvme0n1 > $nvmet/subsystems/nvmet-test/namespaces/1/device_path
echo 1 > $nvmet/subsystems/nvmet-test/namespaces/1/enable
mkdir $nvmet/ports/1
echo "$1" > $nvmet/ports/1/addr_traddr
echo tcp > $nvmet/ports/1/addr_trtype
echo 4420 > $nvmet/ports/1/addr_trsvcid
echo ipv4 > $nvmet/ports/1/addr_adrfam
ln -s $nvmet/subsystems/nvmet-test $nvmet/ports/1/subsystems/nvmet-test
