namespace Admission.Jobs.Running;

/// <summary>A claim that this gateway has, and until when by its own clock.</summary>
internal sealed class HeldClaim : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private long _until;

    public HeldClaim(JobClaim claim, TimeSpan ttl, long until)
    {
        Claim = claim;
        Ttl = ttl;
        _until = until;
        Lost = _lost.Token;
    }

    public JobClaim Claim { get; }

    public TimeSpan Ttl { get; }

    /// <summary>The timestamp at which the job expires.</summary>
    public required long Expires { get; init; }

    /// <summary>The claim holds no more, by the store's word: it has run out, or the job was cancelled.</summary>
    public CancellationToken Lost { get; }

    /// <summary>The end of the claim, counted from when it was asked for, as a timestamp.</summary>
    public long Until
    {
        get => Volatile.Read(ref _until);
        set => Volatile.Write(ref _until, value);
    }

    public void Lose()
    {
        try
        {
            _lost.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was finished at this moment.
        }
    }

    public void Dispose() => _lost.Dispose();
}
