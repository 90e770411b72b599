using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>The bounds of everything on the network.</summary>
/// <param name="MaxHeader">The largest header of a message (<see cref="MessagingOptions.MaxMessageHeaderSize"/>).</param>
/// <param name="MaxBody">The largest body of a message (<see cref="MessagingOptions.MaxMessageBodySize"/>).</param>
internal sealed record NetworkLimits(int MaxHeader, int MaxBody)
{
    /// <summary>How long to wait for a TCP connection.</summary>
    public static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(1);

    /// <summary>How long the middleware and the preamble may take.</summary>
    public static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(3);

    /// <summary>How long a planned close waits for what is under way.</summary>
    public static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(2);

    /// <summary>How long a request waits for a newer view of the cluster.</summary>
    public static readonly TimeSpan RefreshTime = TimeSpan.FromSeconds(1);

    /// <summary>How long requests do not wait for a view that could not be had.</summary>
    public static readonly TimeSpan RefreshPause = TimeSpan.FromSeconds(3);

    /// <summary>How long a new activation waits for a word of the other silos about whether they have the grain.</summary>
    public static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(1);

    /// <summary>How long it waits in all for a silo that has said that it is releasing the grain: that may have to write to a slow database.</summary>
    public static readonly TimeSpan ReleaseBound = TimeSpan.FromSeconds(5);

    /// <summary>The first wait after a connection could not be opened; it doubles up to <see cref="MaxBackOff"/>.</summary>
    public static readonly TimeSpan MinBackOff = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan MaxBackOff = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Requests that wait to be sent over one connection, at most. Answers have room of their own, twice as much, since dropping one would hang its caller.
    /// </summary>
    public const int MaxQueuedFrames = 10_000;

    /// <summary>Their bytes, at most; a single larger frame goes when nothing else waits.</summary>
    public const long MaxQueuedBytes = 16 * 1024 * 1024;

    /// <summary>Calls over one connection that wait for an answer, at most.</summary>
    public const int MaxPending = 20_000;

    /// <summary>Inbound connections that have not introduced themselves, at most.</summary>
    public const int MaxStrangers = 128;

    /// <summary>How often a request may be sent on from silo to silo.</summary>
    public const int MaxForwards = 2;

    /// <summary>The bounds before a peer has introduced itself.</summary>
    public static NetworkLimits ForStrangers { get; } = new(MaxHeader: 1024, MaxBody: 4096);

    public void CheckHeader(int length) => Check(length, MaxHeader, "header", nameof(MessagingOptions.MaxMessageHeaderSize));

    public void CheckBody(int length) => Check(length, MaxBody, "body", nameof(MessagingOptions.MaxMessageBodySize));

    private static void Check(int length, int most, string part, string option)
    {
        if (length < 0 || length > most)
        {
            throw new OrleansException(
                $"The {part} of a message is {length} bytes or more; at most {most} are allowed. The option {nameof(MessagingOptions)}.{option} sets that.");
        }
    }
}
