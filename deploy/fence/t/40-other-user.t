# A descendant that runs as another user (archive_command with sudo) cannot be signalled: it is named and not waited for.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
my ($switch, $alive);

BEGIN {
    # A copy of setpriv that may change the user, for nobody but us: only root can make one, and FenceTest gives root
    # away. A process that stays root removes it when this one ends.
    if ($> == 0 && defined(my $group = getgrnam 'postgres')) {
        my $folder = "/tmp/fence-switch-$$";
        mkdir $folder, 0700 or die "$folder: $!";
        $switch = "$folder/setpriv";
        system('cp', '/usr/bin/setpriv', $switch) == 0 or die "cp: $?";
        chown 0, $group, $folder;
        chmod 0710,  $folder;
        chmod 04755, $switch;
        pipe my $ended, $alive or die $!;
        if (!(fork // die $!)) {
            close $alive;
            sysread $ended, my $nothing, 1;
            unlink $switch;
            rmdir $folder;
            require POSIX;
            POSIX::_exit(0);
        }
    }
}
use FenceTest;
use Test::More;

plan skip_all => 'needs root to make a process of another user' if !$switch;

my $dir = scratch();
start_fence($dir);
my $c    = hello($dir);
my $code = "if(!fork){exec'$switch','--reuid','65534','--clear-groups','sleep','30'}sleep(60)for(1..99)";
$code =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
my ($pid) = ask($c, "START / $dir/log /usr/bin/perl -e $code") =~ /postmaster=(\d+)/;
my ($other) = eventually { grep { $_ != $pid && user_of($_) == 65534 } family($pid) } 'the other user runs';
ask($c, 'DEADLINE ' . (now_ns() - 1));
like event_of($c, qr/EXITED/), qr/reason=fenced /, 'EXITED does not wait for it';
my ($proof) = eventually { proofs($dir) } 'proof';
is_deeply $proof->{otherUsersPids}, [$other], 'the proof names it';
ok alive($other), 'it lives';
is ask($c, 'CLEAR'), 'OK', 'CLEAR';
like ask($c, "START / $dir/log /usr/bin/sleep 60"), qr/^OK /, 'the next start';
is ask($c, 'STOP fast 1000'), 'OK', 'STOP';
like event_of($c, qr/EXITED/), qr/reason=stop /, 'EXITED though it still lives';

sub user_of {
    my ($process) = @_;
    return (stat "/proc/$process")[4] // -1;
}

END {
    # Its own user may end it.
    system($switch, '--reuid', '65534', '--clear-groups', 'kill', $other) if $other;
    close $alive if $alive;
}

done_testing;
