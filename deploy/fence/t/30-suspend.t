# A machine that was suspended: the monotonic clock stood still, the lease in etcd did not. The fence runs here with a
# CLOCK_BOOTTIME that jumps ahead when the test says so.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use FenceTest;
use Test::More;

my $dir  = scratch();
my $jump = "$dir/suspended";
my $code = <<'CODE';
    my ($program, $jump, @arguments) = @ARGV;
    require $program;
    my $real = \&main::clock_ns;
    no warnings 'redefine';
    *main::clock_ns = sub { $real->($_[0]) + ($_[0] == 7 && -e $jump ? 10_000_000_000 : 0) };
    main::main(@arguments);
CODE
my $pid = fork // die $!;
exec $^X, '-e', $code, "$FindBin::Bin/../matriarch-fence", $jump, '--dir', $dir, '--name', 'pg1', '--foreground' if !$pid;
FenceTest::owns($dir);
ok eventually { -S "$dir/fence.sock" } 'the fence listens';

my $c = hello($dir);
like ask($c, "START / $dir/log /usr/bin/sleep 60"), qr/^OK /, 'started';
my $deadline = now_ns() + 5_000_000_000;
is ask($c, "DEADLINE $deadline"), "OK deadline=$deadline", 'five seconds to go';
is status_of($dir)->{state}, 'RUNNING', 'nothing happens';
open my $fh, '>', $jump or die $!;
status_of($dir);
like event_of($c, qr/EXITED/), qr/reason=fenced /, 'ten seconds of sleep used them up';
cmp_ok now_ns(), '<', $deadline, 'though the monotonic clock has not reached the deadline';

is ask($c, 'CLEAR'), 'OK', 'cleared';
$deadline = now_ns() + 5_000_000_000;
ask($c, "DEADLINE $deadline");
like ask($c, "START / $dir/log /usr/bin/sleep 60"), qr/^ERR DEADLINE-PASSED /, 'a deadline from before the sleep is not trusted';
$c = hello($dir);
like ask($c, "START / $dir/log /usr/bin/sleep 60"), qr/^OK /, 'HELLO after the sleep sets it right';
kill 'TERM', $pid;
waitpid $pid, 0;
is $?, 0, 'a fence in the foreground ends by SIGTERM';

done_testing;
