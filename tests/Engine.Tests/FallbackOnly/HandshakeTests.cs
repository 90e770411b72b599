using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Network;
using Orleans.Fallback.References;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>What two processes say to each other first.</summary>
public sealed class HandshakeTests
{
    private static readonly MessageSerializer Serializer =
        new(new ApplicationTypes(typeof(HandshakeTests).Assembly.GetTypes()), new Lazy<ReferenceFactory>(() => throw new InvalidOperationException("no references")));

    [Theory]
    [InlineData(null)]
    [InlineData("another cluster")]
    public async Task What_was_said_is_heard_although_the_connection_was_closed_right_behind_it(string? refusal)
    {
        var (client, silo) = Connected();
        var opening = Handshake.OpenAsync(client, Serializer, new Hello { Cluster = "c", Client = "client" });
        _ = await Handshake.AcceptAsync(silo, Serializer, SiloAddress.FromParsableString("127.0.0.1:1@1"), _ => refusal);
        await silo.Transport.Output.CompleteAsync();

        if (refusal is null)
        {
            (await opening).Silo!.ToParsableString().ShouldBe("127.0.0.1:1@1");
        }
        else
        {
            (await Should.ThrowAsync<SiloUnavailableException>(() => opening)).Message.ShouldContain(refusal);
        }
    }

    [Fact]
    public async Task Who_closes_without_a_word_is_not_waited_for()
    {
        var (client, silo) = Connected();
        var opening = Handshake.OpenAsync(client, Serializer, new Hello { Cluster = "c", Client = "client" });
        await silo.Transport.Output.CompleteAsync();
        _ = await Should.ThrowAsync<SiloUnavailableException>(() => opening);
    }

    /// <summary>Two ends of a connection of which both say that it is closed: only the streams know better.</summary>
    private static (ConnectionContext Client, ConnectionContext Silo) Connected()
    {
        var (there, back) = (new Pipe(), new Pipe());
        return (End(back.Reader, there.Writer), End(there.Reader, back.Writer));

        static ConnectionContext End(PipeReader input, PipeWriter output) =>
            new DefaultConnectionContext("test", new Duplex(input, output), new Duplex(input, output)) { ConnectionClosed = new CancellationToken(canceled: true) };
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
