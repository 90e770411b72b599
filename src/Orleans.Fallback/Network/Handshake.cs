using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>The preamble of a connection: each side says who it is, after the middleware and before anything else.</summary>
/// <remarks>
/// Whoever has said what there was to say closes the connection right behind it, and then "closed" may be heard before the words: they are read to the end of the stream. Who has the connection ends the wait by aborting it.
/// </remarks>
internal static class Handshake
{
    /// <summary>Introduces this process; returns who has answered.</summary>
    /// <exception cref="SiloUnavailableException">The other side refuses, or says something else.</exception>
    public static async Task<Peer> OpenAsync(ConnectionContext connection, MessageSerializer serializer, Hello hello)
    {
        await WriteAsync(connection, serializer, FrameKind.Hello, hello);
        var welcome = await ReadAsync<Welcome>(connection, serializer, FrameKind.Welcome);
        return welcome.Refusal is null
            ? new Peer(SiloAddress.FromParsableString(welcome.Silo), Client: null)
            : throw new SiloUnavailableException($"The silo refuses the connection: {welcome.Refusal}");
    }

    /// <summary>Lets the other side introduce itself; null when it was refused.</summary>
    public static async Task<(Hello Hello, string? Refusal)> AcceptAsync(
        ConnectionContext connection, MessageSerializer serializer, SiloAddress silo, Func<Hello, string?> refuse)
    {
        var hello = await ReadAsync<Hello>(connection, serializer, FrameKind.Hello);
        var refusal = refuse(hello);
        await WriteAsync(connection, serializer, FrameKind.Welcome, new Welcome { Silo = silo.ToParsableString(), Refusal = refusal });
        return (hello, refusal);
    }

    private static async Task WriteAsync<T>(ConnectionContext connection, MessageSerializer serializer, FrameKind kind, T body)
    {
        using var frame = Frames.Write(serializer, NetworkLimits.ForStrangers, new() { Kind = kind }, serializer.SlotOf(typeof(T)), body);
        _ = await connection.Transport.Output.WriteAsync(frame.Written);
    }

    private static async Task<T> ReadAsync<T>(ConnectionContext connection, MessageSerializer serializer, FrameKind kind)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            if (TryRead<T>(ref buffer, serializer, kind, out var body))
            {
                input.AdvanceTo(buffer.Start);
                return body!;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                throw new SiloUnavailableException("The other side has closed the connection before it has said who it is.");
            }
        }
    }

    private static bool TryRead<T>(
        ref System.Buffers.ReadOnlySequence<byte> buffer, MessageSerializer serializer, FrameKind kind, out T? body)
    {
        body = default;
        if (!Frames.TryRead(ref buffer, serializer, NetworkLimits.ForStrangers, out var header, out var bytes))
        {
            return false;
        }

        body = header.Kind == kind && serializer.Read(bytes, serializer.SlotOf(typeof(T))) is T read
            ? read
            : throw new OrleansException($"The other side begins with {header.Kind} and not with {kind}.");
        return true;
    }
}
