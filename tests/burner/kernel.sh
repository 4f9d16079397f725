#!/bin/sh
# Puts Debian's kernel and the modules that a SCSI drive over iSCSI takes into the root file system "$1".
# The package is unpacked, not installed: its scripts would make a boot image that nothing needs.
set -eu
root=$1
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-.*\)$/\1/p')
mkdir "$root/kernel"
cd "$root/kernel"
apt-get download -q -o APT::Sandbox::User=root "$package"
dpkg-deb -x ./*.deb .
version=$(ls lib/modules)
modules=$root/usr/lib/modules/$version
for part in arch crypto lib drivers/scsi drivers/cdrom; do
    mkdir -p "$modules/kernel/$part"
    cp -r "lib/modules/$version/kernel/$part/." "$modules/kernel/$part"
done
cp lib/modules/"$version"/modules.* "$modules"
mv "boot/vmlinuz-$version" "$root/vmlinuz"
cd /
rm -r "$root/kernel"
chroot "$root" depmod "$version"
