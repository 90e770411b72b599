using System.Text;

namespace Admission.Jobs;

/// <summary>A request that is to be stored.</summary>
/// <param name="Id">Its id, from <see cref="JobId"/>.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Tenant">Its tenant; empty for none.</param>
/// <param name="Request">A <see cref="StoredRequest"/> in bytes.</param>
/// <param name="Body">Its body.</param>
/// <param name="Policy">The bounds and times that hold for it.</param>
internal sealed record NewJob(string Id, string Backend, string Tenant, byte[] Request, byte[] Body, JobPolicy Policy)
{
    /// <summary>What each job counts besides what its client sent: about what its row and its places in the indexes take.</summary>
    public const int RowBytes = 512;

    /// <summary>Who may see it besides holding its id; null for nobody in particular.</summary>
    public string? Owner { get; init; }

    /// <summary>The client's own <c>Idempotency-Key</c>; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>What tells two requests with one key apart; empty without a key.</summary>
    public byte[] Fingerprint { get; init; } = [];

    /// <summary>Whom to tell that it is finished; null for nobody.</summary>
    public string? Callback { get; init; }

    /// <summary>Bytes that count against <see cref="JobPolicy.MaxStored"/>: everything that is stored.</summary>
    public long Size =>
        RowBytes + Request.Length + Body.Length + Fingerprint.Length + Bytes(Tenant) + Bytes(Owner) + Bytes(Key) + Bytes(Callback);

    private static int Bytes(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}

/// <summary>What became of a request to store.</summary>
internal enum AcceptOutcome
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>It is stored, and survives whatever process is killed.</summary>
    Stored,

    /// <summary>The same request was stored before, under the same key.</summary>
    Known,

    /// <summary>Another request was stored under the same key.</summary>
    KeyReused,

    /// <summary>As many jobs wait as may.</summary>
    Full,

    /// <summary>As many bytes are stored as may be.</summary>
    StoreFull,

    /// <summary>As many finished jobs are kept as may be.</summary>
    ResultsFull,
}

/// <summary>The answer to a request to store.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Id">The job's id: its own, or that of the one under the same key.</param>
internal readonly record struct Acceptance(AcceptOutcome Outcome, string Id);
