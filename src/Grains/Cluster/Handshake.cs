using System.Buffers;
using System.IO.Pipelines;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Admission.Grains.Cluster;

/// <summary>Goes before everything on each connection of the cluster: both sides prove that they know the secret. See <see cref="HandshakeMessages"/>.</summary>
/// <remarks>
/// Connection middleware, so it runs unchanged on Orleans and on its fallback. A stranger is cut off without a word. Its connection costs us a few hundred
/// bytes, for at most <see cref="Patience"/>, and no more than <see cref="StrangerSeats"/> has are listened to at once.
/// </remarks>
internal sealed partial class Handshake(ClusterKeys keys, TimeProvider time, ILogger<Handshake> logger)
{
    /// <summary>What the whole handshake may take: less than the engines give to all that comes before the first message, so that the log has the real cause.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly LogPause _strangers = new(time);
    private readonly LogPause _refusals = new(time);
    private readonly StrangerSeats _seats = new();

    /// <summary>The middleware of the side that was connected to.</summary>
    public ConnectionDelegate Accept(ConnectionDelegate next, HandshakePurpose purpose) => async connection =>
    {
        if (await IsMemberAsync(connection, purpose))
        {
            await next(connection);
        }
        else
        {
            connection.Abort();
        }
    };

    /// <summary>The middleware of the side that connects.</summary>
    public ConnectionDelegate Open(ConnectionDelegate next, HandshakePurpose purpose) => async connection =>
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            await ProveAsync(connection, purpose, patience.Token);
        }
        catch (Exception failure)
        {
            var refused = new AuthenticationException(
                $"{connection.RemoteEndPoint} did not take this process for a member of the cluster: {Explain(failure)}", failure);
            if (_refusals.Allows(out var unsaid))
            {
                LogRefused(refused.Message, unsaid);
            }

            connection.Abort(new ConnectionAbortedException(refused.Message, failure));
            throw refused;
        }

        await next(connection);
    };

    private async Task<bool> IsMemberAsync(ConnectionContext connection, HandshakePurpose purpose)
    {
        var from = connection.RemoteEndPoint;
        var reason = _seats.Enter(from);
        if (reason.Length == 0)
        {
            try
            {
                using var patience = new CancellationTokenSource(Patience, time);
                reason = await CheckAsync(connection, purpose, patience.Token);
            }
            catch (Exception failure)
            {
                // Whatever a stranger can bring about must end here.
                reason = Explain(failure);
            }
            finally
            {
                _seats.Leave(from);
            }
        }

        if (reason.Length > 0 && _strangers.Allows(out var unsaid))
        {
            LogStranger(from?.ToString() ?? "an unknown address", purpose, reason, unsaid);
        }

        return reason.Length == 0;
    }

    /// <summary>Says why the other side is no member; empty if it is one.</summary>
    private async Task<string> CheckAsync(ConnectionContext connection, HandshakePurpose purpose, CancellationToken cancellation)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        if (HandshakeMessages.ReadOpening(await ReadAsync(input, HandshakeMessages.OpeningBytes, cancellation), purpose) is not { } theirs)
        {
            return "it does not speak the cluster's language, or another version of it, or is at the wrong port";
        }

        var known = await keys.GetAsync(cancellation);
        var ours = RandomNumberGenerator.GetBytes(HandshakeMessages.NonceBytes);
        await output.WriteAsync(HandshakeMessages.Challenge(ours), cancellation);
        var proof = await ReadAsync(input, HandshakeMessages.ProofBytes, cancellation);
        foreach (var key in known)
        {
            if (HandshakeMessages.Same(proof, HandshakeMessages.OpenerProof(key, purpose, theirs, ours)))
            {
                await output.WriteAsync(HandshakeMessages.AcceptorProof(key, purpose, theirs, ours), cancellation);
                return "";
            }
        }

        return "it does not know the secret";
    }

    private async Task ProveAsync(ConnectionContext connection, HandshakePurpose purpose, CancellationToken cancellation)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        var key = (await keys.GetAsync(cancellation))[0];
        var ours = RandomNumberGenerator.GetBytes(HandshakeMessages.NonceBytes);
        await output.WriteAsync(HandshakeMessages.Opening(purpose, ours), cancellation);
        var theirs = HandshakeMessages.ReadChallenge(await ReadAsync(input, HandshakeMessages.ChallengeBytes, cancellation))
            ?? throw new InvalidDataException("what listens there is no silo of this product and version");
        await output.WriteAsync(HandshakeMessages.OpenerProof(key, purpose, ours, theirs), cancellation);
        var proof = await ReadAsync(input, HandshakeMessages.ProofBytes, cancellation);
        if (!HandshakeMessages.Same(proof, HandshakeMessages.AcceptorProof(key, purpose, ours, theirs)))
        {
            throw new InvalidDataException("it does not know the secret itself");
        }
    }

    /// <summary>Takes exactly so many bytes; what follows stays for whoever comes after the handshake.</summary>
    private static async Task<byte[]> ReadAsync(PipeReader input, int count, CancellationToken cancellation)
    {
        var read = await input.ReadAtLeastAsync(count, cancellation);
        if (read.Buffer.Length < count)
        {
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            throw new EndOfStreamException();
        }

        var wanted = read.Buffer.Slice(0, count);
        var bytes = wanted.ToArray();
        input.AdvanceTo(wanted.End);
        return bytes;
    }

    private static string Explain(Exception failure) => failure switch
    {
        OperationCanceledException => $"no answer within {Patience.TotalSeconds} s",
        EndOfStreamException or ConnectionResetException => "it closed the connection. If it is a silo of this cluster, it still waits for its database, or the secrets differ: see Cluster:Secret",
        _ => failure.Message,
    };

    [LoggerMessage(3100, LogLevel.Warning, "A connection from {Address} to the port for {Purpose} connections is refused: {Reason}. ({Unsaid} more since the last such line.)")]
    private partial void LogStranger(string address, HandshakePurpose purpose, string reason, int unsaid);

    [LoggerMessage(3101, LogLevel.Warning, "{Message} ({Unsaid} more since the last such line.)")]
    private partial void LogRefused(string message, int unsaid);
}
