using System.Net.Http.Headers;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Running;

/// <summary>Tells clients that their jobs are finished.</summary>
/// <remarks>
/// What is to be told is in the store with the job, so it survives the gateway; a claim on it has a time to live, and another gateway goes on when that has run out. So it may be told twice, and the job's
/// id tells. Any status of the 2xx ends it; anything else is tried again after 1 s, 2 s, 4 s and so on to 10 min, ten times in all. At most 64 are under way, and 4 to one receiver (host and port), of
/// whom no more are taken up then: so one that is slow keeps nobody else waiting.
/// </remarks>
internal sealed partial class CallbackSender(IJobStore store, HttpMessageInvoker http, TimeProvider time, ILogger<CallbackSender> logger) : IDisposable
{
    /// <summary>The header with <see cref="JobCallback.Sign"/>.</summary>
    public const string SignatureHeader = "X-Admission-Signature";

    /// <summary>How often one is tried.</summary>
    public const int MostTries = 10;

    private const int AtOnce = 64;
    private const int AtOnceEach = 4;

    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly CallbackReceivers _receivers = new(AtOnceEach);

    /// <summary>Tells until it is cancelled.</summary>
    /// <param name="keyOf">The key that a backend's callbacks are signed with; null for none.</param>
    /// <param name="cancellation">The gateway stops.</param>
    public async Task RunAsync(Func<string, string?> keyOf, CancellationToken cancellation)
    {
        using var watch = store.Signals.ForCallbacks();
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                while (await ClaimAsync(cancellation) is { Count: > 0 } claimed)
                {
                    foreach (var callback in claimed)
                    {
                        _ = SendAsync(callback, _receivers.Add(callback.Receiver), keyOf(callback.Backend), cancellation);
                    }
                }

                await watch.WaitAsync(LookAgain, time, cancellation);
            }
            catch (Exception failed) when (JobStoreFailure.Is(failed))
            {
                LogStoreFailed(failed.Message);
                await Task.Delay(LookAgain, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
            catch (Exception unexpected)
            {
                // A bug. The loop must live on for the other clients.
                LogLoopFailed(unexpected);
                await Task.Delay(LookAgain, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        while (_receivers.Count > 0)
        {
            await watch.WaitAsync(LookAgain, time, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    // Few at a time, because all of them may be for one receiver.
    private async Task<IReadOnlyList<JobCallback>> ClaimAsync(CancellationToken cancellation) =>
        Math.Min(AtOnce - _receivers.Count, AtOnceEach) is > 0 and var most ? await store.ClaimCallbacksAsync(most, Claim, _receivers.Busy, cancellation) : [];

    private async Task SendAsync(JobCallback callback, CallbackReceivers.Part part, string? key, CancellationToken cancellation)
    {
        try
        {
            await part.EnterAsync(cancellation);
            var problem = key is null ? "the backend has no Jobs:Callbacks:Key any more" : await TryAsync(callback, key, cancellation);
            TimeSpan? again = null;
            if (problem is not null && callback.Tries < MostTries)
            {
                again = TimeSpan.FromSeconds(Math.Pow(2, callback.Tries - 1));
                again = again < LongestPause ? again : LongestPause;
            }
            else if (problem is not null)
            {
                LogGivenUp(callback.Id, callback.Tries, problem);
            }

            await store.EndCallbackAsync(callback, again, cancellation);
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed))
        {
            // It is told again when the claim has run out.
            LogStoreFailed(failed.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The gateway stops; it is told again when the claim has run out.
        }
        catch (Exception unexpected)
        {
            LogUnexpected(unexpected, callback.Id);
        }
        finally
        {
            part.Dispose();
            store.Signals.Callbacks();
        }
    }

    private async Task<string?> TryAsync(JobCallback callback, string key, CancellationToken cancellation)
    {
        var body = callback.ToBytes();
        using var request = new HttpRequestMessage(HttpMethod.Post, callback.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(SignatureHeader, JobCallback.Sign(key, time.GetUtcNow(), body));
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            return response.IsSuccessStatusCode ? null : $"the answer was {(int)response.StatusCode}";
        }
        catch (HttpRequestException failed)
        {
            return failed.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds} s";
        }
    }

    [LoggerMessage(4250, LogLevel.Warning, "Callbacks cannot be looked for: {Problem}")]
    private partial void LogStoreFailed(string problem);

    [LoggerMessage(4226, LogLevel.Error, "The client of job {Job} could not be told that it is finished, in a way that the gateway does not know; it is tried again in a minute.")]
    private partial void LogUnexpected(Exception exception, string job);

    [LoggerMessage(4252, LogLevel.Error, "Callbacks could not be looked for, in a way that the gateway does not know; it goes on.")]
    private partial void LogLoopFailed(Exception exception);

    [LoggerMessage(4251, LogLevel.Warning, "The client of job {Job} could not be told that it is finished, after {Tries} tries: {Problem}")]
    private partial void LogGivenUp(string job, int tries, string problem);
}
