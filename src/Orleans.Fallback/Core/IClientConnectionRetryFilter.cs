namespace Orleans;

/// <summary>Decides whether a client that could not connect at start tries again.</summary>
public interface IClientConnectionRetryFilter
{
    /// <summary>Whether to try again; it also waits as long as is sensible before.</summary>
    Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken);
}
