# Undoes export.sh.
set -e
nvmet=/sys/kernel/config/nvmet
rm $nvmet/ports/1/subsystems/nvmet-test
rmdir $nvmet/ports/1
echo 0 > $nvmet/subsystems/nvmet-test/namespaces/1/enable
rmdir $nvmet/subsystems/nvmet-test/namespaces/1 $nvmet/subsystems/nvmet-test
