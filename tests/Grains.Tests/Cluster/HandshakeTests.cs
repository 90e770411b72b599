using System.Security.Authentication;
using System.Text;
using Admission.Grains.Cluster;
using Microsoft.AspNetCore.Connections;

namespace Admission.Grains.Tests.Cluster;

public class HandshakeTests
{
    private const string Secret = "the secret of this cluster";
    private const string Wrong = "the secret of another one ";

    private readonly LogLines _log = new();

    [Fact]
    public async Task Members_let_each_other_in_and_nothing_that_follows_is_lost()
    {
        var wire = new Wire();
        var heard = "";
        var accepted = wire.Acceptor.RunAsync(Member(Secret).Accept(async connection => heard = await ReadLineAsync(connection), HandshakePurpose.Silo));
        var opened = wire.Opener.RunAsync(Member(Secret).Open(connection => WriteAsync(connection, "first words"), HandshakePurpose.Silo));
        await Task.WhenAll(accepted, opened).WaitAsync(TimeSpan.FromSeconds(10));
        heard.ShouldBe("first words");
        _log.Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_and_both_sides_say_so()
    {
        var wire = new Wire();
        var reached = false;
        var accepted = wire.Acceptor.RunAsync(Member(Secret).Accept(_ => Reach(ref reached), HandshakePurpose.Client));
        var refused = await Should.ThrowAsync<AuthenticationException>(wire.Opener.RunAsync(Member(Wrong).Open(_ => Reach(ref reached), HandshakePurpose.Client)));
        await accepted;
        reached.ShouldBeFalse();
        refused.Message.ShouldContain("Cluster:Secret");
        _log.Text.ShouldContain("A connection from 192.0.2.7:4711 to the port for Client connections is refused: it does not know the secret.");

        // Nothing that was made with the secret has left this side: a greeting and a random number only.
        wire.Answered.Length.ShouldBe(HandshakeMessages.ChallengeBytes);
    }

    [Fact]
    public async Task An_impostor_that_knows_nothing_is_not_taken_for_a_silo()
    {
        var wire = new Wire();
        var reached = false;
        var opened = wire.Opener.RunAsync(Member(Secret).Open(_ => Reach(ref reached), HandshakePurpose.Client));
        await wire.Acceptor.ReceiveAsync(HandshakeMessages.OpeningBytes);
        await wire.Acceptor.SendAsync(HandshakeMessages.Challenge(new byte[HandshakeMessages.NonceBytes]));
        var proof = await wire.Acceptor.ReceiveAsync(HandshakeMessages.ProofBytes);

        // All that it has is what it was just shown.
        await wire.Acceptor.SendAsync(proof);
        (await Should.ThrowAsync<AuthenticationException>(opened)).Message.ShouldContain("it does not know the secret itself");
        reached.ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_recorded_cannot_be_used_again()
    {
        var good = new Wire();
        var reached = 0;
        await Task.WhenAll(
            good.Acceptor.RunAsync(Member(Secret).Accept(_ => Count(ref reached), HandshakePurpose.Silo)),
            good.Opener.RunAsync(Member(Secret).Open(_ => Task.CompletedTask, HandshakePurpose.Silo)));
        reached.ShouldBe(1);

        var replay = new Wire();
        var accepted = replay.Acceptor.RunAsync(Member(Secret).Accept(_ => Count(ref reached), HandshakePurpose.Silo));
        await replay.Opener.SendAsync(good.Sent);
        await accepted.WaitAsync(TimeSpan.FromSeconds(10));
        reached.ShouldBe(1);
        _log.Text.ShouldContain("it does not know the secret.");
    }

    [Fact]
    public async Task The_proof_for_one_port_is_of_no_use_at_the_other()
    {
        var wire = new Wire();
        var reached = false;
        var accepted = wire.Acceptor.RunAsync(Member(Secret).Accept(_ => Reach(ref reached), HandshakePurpose.Silo));
        await Should.ThrowAsync<AuthenticationException>(wire.Opener.RunAsync(Member(Secret).Open(_ => Reach(ref reached), HandshakePurpose.Client)));
        await accepted;
        reached.ShouldBeFalse();
        _log.Text.ShouldContain("or is at the wrong port");
    }

    [Theory]
    [InlineData("GET /health/ready HTTP/1.1\r\nHost: silo\r\nAccept: */*\r\n\r\n")]
    [InlineData("*********************************************************")]
    public async Task Something_else_is_cut_off_without_a_word(string bytes)
    {
        var wire = new Wire();
        var accepted = wire.Acceptor.RunAsync(Member(Secret).Accept(_ => throw new InvalidOperationException("Let in."), HandshakePurpose.Client));
        await wire.Opener.SendAsync(Encoding.ASCII.GetBytes(bytes));
        await accepted.WaitAsync(TimeSpan.FromSeconds(10));
        wire.Answered.ShouldBeEmpty();
        _log.Text.ShouldContain("it does not speak the cluster's language");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(HandshakeMessages.OpeningBytes)]
    public async Task Who_falls_silent_is_cut_off_after_the_patience(int sent)
    {
        var wire = new Wire();
        var accepted = wire.Acceptor.RunAsync(Member(Secret, new FastTime()).Accept(_ => throw new InvalidOperationException("Let in."), HandshakePurpose.Silo));
        await wire.Opener.SendAsync(HandshakeMessages.Opening(HandshakePurpose.Silo, new byte[HandshakeMessages.NonceBytes])[..sent]);
        await accepted.WaitAsync(TimeSpan.FromSeconds(10));
        _log.Text.ShouldContain("no answer within 2 s");
    }

    [Fact]
    public async Task A_silo_that_falls_silent_is_given_up_after_the_patience()
    {
        var wire = new Wire();
        var opened = wire.Opener.RunAsync(Member(Secret, new FastTime()).Open(_ => throw new InvalidOperationException("Gone on."), HandshakePurpose.Silo));
        (await Should.ThrowAsync<AuthenticationException>(opened.WaitAsync(TimeSpan.FromSeconds(10)))).Message.ShouldContain("no answer within 2 s");
    }

    [Theory]
    [InlineData(Secret, Wrong, Wrong, null)]
    [InlineData(Wrong, null, Secret, Wrong)]
    [InlineData(Secret, Wrong, Wrong, Secret)]
    public async Task A_second_secret_is_accepted_while_one_replaces_the_other(string acceptors, string? acceptorsOther, string openers, string? openersOther)
    {
        // The opener shows its first; the acceptor takes both.
        var wire = new Wire();
        var reached = 0;
        var accept = wire.Acceptor.RunAsync(Member(acceptors, other: acceptorsOther).Accept(_ => Count(ref reached), HandshakePurpose.Silo));
        var open = wire.Opener.RunAsync(Member(openers, other: openersOther).Open(_ => Count(ref reached), HandshakePurpose.Silo));
        if (acceptorsOther is null)
        {
            await Should.ThrowAsync<AuthenticationException>(open);
            await accept;
            reached.ShouldBe(0);
            return;
        }

        await Task.WhenAll(accept, open);
        reached.ShouldBe(2);
    }

    [Fact]
    public async Task Strangers_do_not_fill_the_log()
    {
        var member = Member(Secret);
        for (var i = 0; i < 20; i++)
        {
            var wire = new Wire();
            var accepted = wire.Acceptor.RunAsync(member.Accept(_ => Task.CompletedTask, HandshakePurpose.Silo));
            await wire.Opener.SendAsync(new byte[100]);
            await accepted.WaitAsync(TimeSpan.FromSeconds(10));
        }

        _log.Lines.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_opens_many_silent_connections_keeps_no_member_at_another_address_out()
    {
        var member = Member(Secret);
        var silent = Enumerable.Range(0, StrangerSeats.Most).Select(_ => new Wire("198.51.100.1")).ToArray();
        var held = silent.Select(wire => wire.Acceptor.RunAsync(member.Accept(_ => Task.CompletedTask, HandshakePurpose.Silo))).ToArray();
        held.Count(connection => !connection.IsCompleted).ShouldBe(StrangerSeats.MostOfOne);

        var wire = new Wire();
        var reached = 0;
        await Task.WhenAll(
            wire.Acceptor.RunAsync(member.Accept(_ => Count(ref reached), HandshakePurpose.Silo)),
            wire.Opener.RunAsync(member.Open(_ => Count(ref reached), HandshakePurpose.Silo))).WaitAsync(TimeSpan.FromSeconds(10));
        reached.ShouldBe(2);
        _log.Text.ShouldContain("too many handshakes at once from this address");
        foreach (var stranger in silent)
        {
            await stranger.Opener.Output.CompleteAsync();
        }

        await Task.WhenAll(held).WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static Task Reach(ref bool reached)
    {
        reached = true;
        return Task.CompletedTask;
    }

    private static Task Count(ref int reached)
    {
        Interlocked.Increment(ref reached);
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(ConnectionContext connection, string text) =>
        await connection.Transport.Output.WriteAsync(Encoding.UTF8.GetBytes(text));

    private static async Task<string> ReadLineAsync(ConnectionContext connection)
    {
        var read = await connection.Transport.Input.ReadAtLeastAsync(11);
        var text = Encoding.UTF8.GetString(read.Buffer);
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        return text;
    }

    private Handshake Member(string secret, TimeProvider? time = null, string? other = null)
    {
        var settings = new ClusterSettings { ConnectionString = "", Secret = secret, OtherSecret = other };
        return new Handshake(new ClusterKeys(settings, new NoStore()), time ?? TimeProvider.System, _log.For<Handshake>());
    }

    private sealed class NoStore : ISecretStore
    {
        public Task<string> ReadAsync(CancellationToken cancellation) => throw new InvalidOperationException("Not asked: a secret is configured.");
    }
}
