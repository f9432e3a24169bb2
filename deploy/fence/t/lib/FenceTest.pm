# What the tests of the fence share: a fence in a scratch directory, a client of its protocol, a PostgreSQL, and sessions
# that speak PostgreSQL's wire protocol themselves, so that the moment of each acknowledgement is known exactly.
package FenceTest;
use strict;
use warnings;
use Cwd ();
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path ();
use File::Temp ();
use POSIX ();
use Socket;
use Test::More;
use Time::HiRes ();

our @EXPORT = qw(postgres_program now_ns eventually scratch start_fence connect_fence ask hello kill_fence fence_pid proofs status_of event_of
    init_postgres start_postgres pg_session query writers alive family as_json);

my $root  = Cwd::abs_path(dirname(__FILE__) . '/../..');
my $fence = "$root/matriarch-fence";
my ($bin) = sort { ($b =~ m{/(\d+)/bin})[0] <=> ($a =~ m{/(\d+)/bin})[0] } glob '/usr/lib/postgresql/*/bin';
$bin = $ENV{MATRIARCH_PG_BIN} if $ENV{MATRIARCH_PG_BIN};
my $owner = $$;
my (@scratch, @fences);

# PostgreSQL refuses root: a test that runs as root goes on as the user postgres.
if ($> == 0) {
    my ($uid, $gid) = (getpwnam 'postgres')[2, 3];
    if (!defined $uid) { plan(skip_all => 'needs a user postgres') }
    $( = $gid;
    $) = "$gid $gid";
    POSIX::setgid($gid);
    POSIX::setuid($uid) or die "setuid: $!";
    $ENV{HOME} = '/';
}
chdir '/';

sub now_ns {
    return int(Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) * 1e9);
}

# Looks again until it holds; the limit is a failure, not a wait.
sub eventually(&$;$) {
    my ($condition, $what, $seconds) = @_;
    my $until = now_ns() + ($seconds // 10) * 1e9;
    while (1) {
        my @values = $condition->();
        return wantarray ? @values : $values[0] if @values && $values[0];
        if (now_ns() > $until) { fail("$what (waited " . ($seconds // 10) . ' s)'); return }
        Time::HiRes::sleep(0.005);
    }
}

sub scratch {
    my $dir = File::Temp::tempdir('fence-XXXXXX', DIR => '/tmp');
    push @scratch, $dir;
    return $dir;
}

# Starts a fence as the agent does: the launcher returns when the fence listens. Returns (exit status, output).
sub start_fence {
    my ($dir) = @_;
    my $pid = open(my $out, '-|') // die "fork: $!";
    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        exec $fence, '--dir', $dir, '--name', 'pg1' or POSIX::_exit(126);
    }
    my $text = join '', <$out>;
    close $out;
    push @fences, $dir if $? == 0;
    return ($? >> 8, $text);
}

# A fence that the test started by itself in this directory; it is ended with the others.
sub owns { push @fences, @_; return }

sub fence_pid {
    my ($dir) = @_;
    open my $fh, '<', "$dir/fence.pid" or return 0;
    my $pid = <$fh> // 0;
    return $pid =~ /(\d+)/ ? $1 : 0;
}

sub kill_fence {
    my ($dir, $signal) = @_;
    my $pid = fence_pid($dir);
    kill $signal, $pid or die "kill $signal $pid: $!";
    return $pid;
}

sub connect_fence {
    my ($dir) = @_;
    socket my $fh, AF_UNIX, SOCK_STREAM, 0 or die "socket: $!";
    connect $fh, pack_sockaddr_un("$dir/fence.sock") or die "connect $dir/fence.sock: $!";
    return { fh => $fh, in => '', events => [] };
}

# One line, or undef at the end of the connection or after the limit.
sub line_of {
    my ($c, $seconds) = @_;
    my $until = now_ns() + $seconds * 1e9;
    while (index($c->{in}, "\n") < 0) {
        my $bits = '';
        vec($bits, fileno $c->{fh}, 1) = 1;
        my $left = ($until - now_ns()) / 1e9;
        return if $left <= 0 || select($bits, undef, undef, $left) <= 0;
        sysread $c->{fh}, $c->{in}, 65536, length $c->{in} or return;
    }
    my $line = substr $c->{in}, 0, index($c->{in}, "\n") + 1, '';
    chomp $line;
    return $line;
}

# Asks and returns the answer; events that come in between are kept.
sub ask {
    my ($c, $request) = @_;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $c->{fh}, "$request\n" if defined $request;
    while (defined(my $line = line_of($c, 15))) {
        return $line if $line !~ /^EVENT /;
        push @{ $c->{events} }, $line;
    }
    return;
}

# The next event that matches.
sub event_of {
    my ($c, $pattern, $seconds) = @_;
    my $until = now_ns() + ($seconds // 15) * 1e9;
    while (1) {
        while (defined(my $line = shift @{ $c->{events} })) { return $line if $line =~ $pattern }
        my $line = line_of($c, ($until - now_ns()) / 1e9) // return;
        push @{ $c->{events} }, $line;
    }
}

sub hello {
    my ($dir) = @_;
    my $c = connect_fence($dir);
    $c->{hello} = ask($c, "HELLO $$") // '';
    return $c;
}

sub status_of {
    my ($dir) = @_;
    my $c = connect_fence($dir);
    my $line = ask($c, 'STATUS') // '';
    my %is = map { my ($k, $v) = split /=/, $_, 2; $v //= ''; $v =~ s/%(..)/chr hex $1/ge; ($k, $v) } split / /, $line;
    return \%is;
}

sub as_json {
    my ($text) = @_;
    require JSON::PP;
    return JSON::PP::decode_json($text);
}

sub proofs {
    my ($dir) = @_;
    open my $fh, '<', "$dir/proofs.jsonl" or return;
    return map { as_json($_) } <$fh>;
}

# ---- PostgreSQL -------------------------------------------------------------------------------------------------------

# A data directory of this test program; listens on a socket in its own directory only.
sub init_postgres {
    my $dir = scratch();
    my $out = `$bin/initdb -D $dir/data -A trust -U postgres -N --no-instructions 2>&1`;
    $? == 0 or die "initdb: $out";
    open my $conf, '>>', "$dir/data/postgresql.conf" or die $!;
    print $conf "listen_addresses = ''\nunix_socket_directories = '$dir'\nmax_connections = 40\n",
        "shared_buffers = 16MB\nmax_wal_senders = 0\nwal_level = minimal\nautovacuum = off\n";
    close $conf;
    return $dir;
}

sub postgres_program { return "$bin/postgres" }

# Starts it through the fence; waits until it takes sessions. Returns the postmaster's pid.
sub start_postgres {
    my ($c, $pg) = @_;
    my $answer = ask($c, "START $pg/data $pg/log $bin/postgres -D $pg/data") // '';
    my ($pid) = $answer =~ /^OK postmaster=(\d+)$/ or die "START: $answer";
    eventually { my $s = eval { pg_session($pg) }; $s && query($s, 'select 1') || !alive($pid) } 'PostgreSQL starts', 60;
    alive($pid) or die 'PostgreSQL did not start: ' . `tail -5 $pg/log`;
    return $pid;
}

sub pg_session {
    my ($pg) = @_;
    socket my $fh, AF_UNIX, SOCK_STREAM, 0 or die $!;
    connect $fh, pack_sockaddr_un("$pg/.s.PGSQL.5432") or die "connect: $!\n";
    my $start = pack('N', 196608) . "user\0postgres\0database\0postgres\0\0";
    syswrite $fh, pack('N', 4 + length $start) . $start;
    my $s = { fh => $fh, in => '' };
    while (my ($type, $body) = message($s)) {
        $s->{pid} = unpack 'N', $body if $type eq 'K';
        return $s if $type eq 'Z';
        die "startup: $body\n" if $type eq 'E';
    }
    die "startup: connection closed\n";
}

sub message {
    my ($s) = @_;
    while (length $s->{in} < 5 || length $s->{in} < 1 + unpack 'x N', $s->{in}) {
        my $got = sysread $s->{fh}, $s->{in}, 65536, length $s->{in};
        next if !defined $got && $!{EINTR};
        return if !$got;
    }
    my ($type, $length) = unpack 'a N', $s->{in};
    my $body = substr $s->{in}, 5, $length - 4;
    substr $s->{in}, 0, 1 + $length, '';
    return ($type, $body);
}

# True when the server acknowledged; the moment in which the acknowledgement was read is in $s->{acknowledged}, the one
# in which its statement was sent in $s->{sent}. A busy machine reads late what was acknowledged in time, so only the
# latter proves that a server still worked.
sub query {
    my ($s, $sql) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $body = "$sql\0";
    my $sent = now_ns();
    defined syswrite $s->{fh}, 'Q' . pack('N', 4 + length $body) . $body or return;
    my $ok = 0;
    while (my ($type, $text) = message($s)) {
        if ($type eq 'C') { $ok = 1; $s->{acknowledged} = now_ns(); $s->{sent} = $sent }
        if ($type eq 'D') { $s->{value} = substr $text, 6 }
        return $ok if $type eq 'Z';
        $ok = 0 if $type eq 'E';
    }
    return;
}

# Sessions that insert as fast as they can, each in a process of its own. Returns a function that waits for all of
# them to end and gives (last acknowledgement in ns, number of acknowledgements, when the last acknowledged one was sent).
sub writers {
    my ($pg, $count) = @_;
    my @running;
    my $s = pg_session($pg);
    query($s, 'create table if not exists t (writer int, n int)') or die 'create table';
    for my $writer (1 .. $count) {
        pipe my $in, my $out;
        my $pid = fork // die $!;
        if (!$pid) {
            close $in;
            my $session = pg_session($pg);
            my $n = 0;
            syswrite $out, "r\n";
            $n++ while query($session, "insert into t values ($writer, $n)");
            syswrite $out, ($session->{acknowledged} // 0) . " $n " . ($session->{sent} // 0) . "\n";
            POSIX::_exit(0);
        }
        close $out;
        my $ready = <$in>;
        push @running, [$pid, $in];
    }
    return sub {
        my ($last, $sum, $last_sent) = (0, 0, 0);
        for (@running) {
            my ($pid, $in) = @$_;
            my ($at, $n, $sent) = split ' ', <$in> // '0 0 0';
            waitpid $pid, 0;
            $last = $at if $at > $last;
            $last_sent = $sent if $sent > $last_sent;
            $sum += $n;
        }
        return ($last, $sum, $last_sent);
    };
}

# ---- processes --------------------------------------------------------------------------------------------------------

# Can still run code. A zombie cannot; who reaps it and when is not our matter.
sub alive {
    my ($pid) = @_;
    open my $fh, '<', "/proc/$pid/stat" or return 0;
    my $stat = <$fh> // '';
    return $stat =~ /\) [^ZX] / ? 1 : 0;
}

# A process and all that descend from it.
sub family {
    my ($pid) = @_;
    my %children;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $fh, '<', $stat or next;
        my ($child, $parent) = (<$fh> // '') =~ /^(\d+) .*\) \S (\d+)/ or next;
        push @{ $children{$parent} }, $child;
    }
    my @found = ($pid);
    for (my $i = 0; $i < @found; $i++) { push @found, @{ $children{ $found[$i] } // [] } }
    return @found;
}

END {
    if ($$ == $owner) {
        my $status = $?;
        for my $dir (@fences) {
            my $pid = fence_pid($dir) or next;
            next if !alive($pid);
            my @family = family($pid);
            kill 'CONT', $pid;
            kill 'KILL', reverse @family;
            eventually { !grep { alive($_) } @family } 'processes of the test end';
        }
        File::Path::remove_tree(@scratch) if !$ENV{MATRIARCH_KEEP};
        $? = $status;
    }
}

1;
