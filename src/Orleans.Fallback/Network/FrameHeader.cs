using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>What a frame is.</summary>
internal enum FrameKind
{
    /// <summary>Nothing that is ever sent.</summary>
    None,

    /// <summary>The first frame, of the one who opened the connection: who it is (<see cref="Hello"/>).</summary>
    Hello,

    /// <summary>The answer: who the other one is (<see cref="Welcome"/>).</summary>
    Welcome,

    /// <summary>A call.</summary>
    Request,

    /// <summary>The result of a call, or of a question of the engine's own.</summary>
    Result,

    /// <summary>The exception of a call.</summary>
    Failure,

    /// <summary>The caller does not wait any more.</summary>
    Cancel,

    /// <summary>A silo is about to activate a grain: whoever has an activation ends it, and then answers.</summary>
    Release,

    /// <summary>A sign of life is wanted.</summary>
    Probe,

    /// <summary>The membership table has changed.</summary>
    Changed,

    /// <summary>No more requests, please: this connection is about to be closed.</summary>
    Goodbye,

    /// <summary>No request comes after this one.</summary>
    GoodbyeHeard,

    /// <summary>A question of the engine's own is being worked on; the answer follows.</summary>
    Acknowledged,
}

/// <summary>The part of a frame that says what it is; the body holds arguments, a result or an exception.</summary>
[GenerateSerializer, Alias("fallback.frame")]
internal sealed class FrameHeader
{
    /// <summary>What it is.</summary>
    [Id(0)]
    public FrameKind Kind { get; init; }

    /// <summary>Which request it is or belongs to; 0 for a request that wants no answer.</summary>
    [Id(1)]
    public long Id { get; init; }

    /// <summary>The grain or observer.</summary>
    [Id(2)]
    public GrainId Target { get; init; }

    /// <summary>The interface that declares the method.</summary>
    [Id(3)]
    public string? Interface { get; init; }

    /// <summary>The method.</summary>
    [Id(4)]
    public string? Method { get; init; }

    /// <summary>How long the caller still waits; zero for ever.</summary>
    [Id(5)]
    public TimeSpan TimeLeft { get; init; }

    /// <summary>The version of the sender's view of the cluster.</summary>
    [Id(6)]
    public long Version { get; init; }

    /// <summary>How many connections the request has come over, this one included.</summary>
    [Id(7)]
    public int Hops { get; init; }

    /// <summary>For <see cref="FrameKind.Cancel"/>: whether a request that has not begun is dropped.</summary>
    [Id(8)]
    public bool Drop { get; init; }

    /// <summary>For <see cref="FrameKind.Cancel"/>: whether the token of one that has begun is cancelled.</summary>
    [Id(9)]
    public bool CancelToken { get; init; }
}

/// <summary>Who opens a connection.</summary>
[GenerateSerializer, Alias("fallback.hello")]
internal sealed class Hello
{
    /// <summary>The cluster; another one's connections are refused.</summary>
    [Id(0)]
    public string Cluster { get; init; } = "";

    /// <summary>The silo; null for a client.</summary>
    [Id(1)]
    public string? Silo { get; init; }

    /// <summary>The client; null for a silo.</summary>
    [Id(2)]
    public string? Client { get; init; }

    /// <summary>The run of the silo that is wanted; null for whichever is there.</summary>
    [Id(3)]
    public string? Wanted { get; init; }
}

/// <summary>The answer to a <see cref="Hello"/>.</summary>
[GenerateSerializer, Alias("fallback.welcome")]
internal sealed class Welcome
{
    /// <summary>The silo.</summary>
    [Id(0)]
    public string Silo { get; init; } = "";

    /// <summary>Why the connection is refused; null when it is not.</summary>
    [Id(1)]
    public string? Refusal { get; init; }
}

/// <summary>The answer to <see cref="FrameKind.Release"/>.</summary>
[GenerateSerializer, Alias("fallback.released")]
internal sealed class Released
{
    /// <summary>Whether the grain is the answering silo's own by a view that is not older.</summary>
    [Id(0)]
    public bool Kept { get; init; }

    /// <summary>The version of the answering silo's view.</summary>
    [Id(1)]
    public long Version { get; init; }
}
