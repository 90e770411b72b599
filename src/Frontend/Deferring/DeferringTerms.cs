using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;
using Admission.Jobs;
using Admission.Jobs.Running;
using Admission.Jobs.Storage;
using Admission.Security.Callers;

namespace Admission.Frontend.Deferring;

/// <summary>A live request that is stored, and answered 202, when it finds no place in the time that it may wait.</summary>
/// <remarks>The 202 goes out when the job is on disk, and not before. Whatever is in doubt is answered 503: then the request may be stored all the same, which an <c>Idempotency-Key</c> of the client's resolves.</remarks>
internal sealed class DeferringTerms(
    string backend, JobPolicy policy, Preferences preferences, string route, RouteClassifier classifier, JobService jobs, TimeProvider time) : AdmissionTerms
{
    private const int LongestRetryAfter = 3600;

    // What a client says that it will send takes no memory before it comes.
    private const int FirstBlock = 64 << 10;

    private TimeSpan _runTimeout;
    private long _asked;

    /// <inheritdoc/>
    public override AdmissionRequest Apply(AdmissionRequest request, ref TimeSpan runTimeout)
    {
        _runTimeout = runTimeout;
        _asked = time.GetTimestamp();
        var wait = preferences.Wait ?? (preferences.RespondAsync ? TimeSpan.Zero : policy.DeferAfter);
        return request with { MaxWait = request.MaxWait < wait ? request.MaxWait : wait };
    }

    /// <summary>A request whose key is known is not run a second time, whether there is a place or not.</summary>
    public override async ValueTask<bool> BeforeAskingAsync(HttpContext context, AdmissionRequest request)
    {
        if (!context.Request.Headers.TryGetValue(JobHeaders.IdempotencyKey, out var keys))
        {
            return false;
        }

        if (keys is not [{ Length: > 0 and <= JobHeaders.LongestKey } key])
        {
            return await AnswerAsync(context, JobProblems.InvalidKey);
        }

        if (!jobs.IsOpen)
        {
            return await AnswerAsync(context, JobProblems.Unavailable);
        }

        try
        {
            if (await jobs.Store.FindKeyAsync(backend, request.Tenant ?? "", KeyOf(context, key), context.RequestAborted) is not { } known)
            {
                return false;
            }

            var body = await TakeBodyAsync(context);
            var isSame = body is not null && known.Fingerprint.AsSpan().SequenceEqual(Fingerprint(context.Request, body));
            return isSame ? await AcceptedAsync(context, known.Id, retryAfter: 1) : await AnswerAsync(context, JobProblems.KeyReused(backend));
        }
        catch (JobStoreBusyException)
        {
            return await AnswerAsync(context, JobProblems.Busy);
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed) && !context.RequestAborted.IsCancellationRequested)
        {
            return await AnswerAsync(context, JobProblems.Unavailable);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> RefusedAsync(HttpContext context, AdmissionRequest request, Refusal refusal)
    {
        if (refusal.Reason is RefusalReason.None or RefusalReason.WeightAboveLimit or RefusalReason.ShuttingDown or RefusalReason.UnknownBackend)
        {
            return false;
        }

        if (!jobs.IsOpen)
        {
            return await AnswerAsync(context, JobProblems.Unavailable);
        }

        var body = await TakeBodyAsync(context);
        if (body is null)
        {
            return await AnswerAsync(context, JobProblems.TooLarge(backend, policy));
        }

        string? callback = context.Request.Headers[JobCallbacks.Header];
        if (callback is not null && !JobCallbacks.IsAllowed(policy, callback))
        {
            return await AnswerAsync(context, JobProblems.CallbackRefused(backend, callback));
        }

        string? key = context.Request.Headers[JobHeaders.IdempotencyKey];
        var retryAfter = (int)Math.Clamp(Math.Ceiling(refusal.Occupancy.RetryAfter.TotalSeconds), 1, LongestRetryAfter);
        var job = new NewJob(JobId.Create(), backend, request.Tenant ?? "", Describe(context, request).ToBytes(), body, policy)
        {
            Key = key is null ? null : KeyOf(context, key),
            Fingerprint = key is null ? [] : Fingerprint(context.Request, body),
            Callback = callback is null ? null : new Uri(callback).AbsoluteUri,
            Owner = JobOwner.Of(context, classifier.ClaimOf(context, request.Tenant)),
        };
        try
        {
            var stored = await jobs.Store.AcceptAsync(job, context.RequestAborted);
            return stored.Outcome switch
            {
                AcceptOutcome.Stored or AcceptOutcome.Known => await AcceptedAsync(context, stored.Id, retryAfter),
                AcceptOutcome.KeyReused => await AnswerAsync(context, JobProblems.KeyReused(backend)),
                _ => await AnswerAsync(context, JobProblems.Full(backend, stored.Outcome, retryAfter, policy)),
            };
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed) && !context.RequestAborted.IsCancellationRequested)
        {
            return await AnswerAsync(context, JobProblems.Unavailable);
        }
    }

    private StoredRequest Describe(HttpContext context, AdmissionRequest request) => new()
    {
        Method = context.Request.Method,
        Scheme = context.Request.Scheme,
        Host = context.Request.Host.Value ?? "",
        PathBase = context.Request.PathBase.Value ?? "",
        Path = context.Request.Path.Value ?? "",
        Query = context.Request.QueryString.Value ?? "",
        Route = route,
        RouteValues = context.Request.RouteValues.Count == 0 ? null
            : context.Request.RouteValues.ToDictionary(value => value.Key, value => Convert.ToString(value.Value, CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal),
        Headers = JobHeaders.Keep(context.Request.Headers),
        RemoteAddress = context.Connection.RemoteIpAddress?.ToString(),
        Weight = request.Weight,
        RunTimeout = (long)_runTimeout.TotalMilliseconds,
    };

    // Null for one that is too large.
    private async Task<byte[]?> TakeBodyAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength > policy.MaxBody)
        {
            return null;
        }

        var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, FirstBlock));
        var block = new byte[16 << 10];
        while (await request.Body.ReadAsync(block, context.RequestAborted) is > 0 and var count)
        {
            if (body.Length + count > policy.MaxBody)
            {
                return null;
            }

            body.Write(block, 0, count);
        }

        return body.ToArray();
    }

    /// <summary>A client's key is its own: another one with other credentials may have chosen the same.</summary>
    private static string KeyOf(HttpContext context, string key)
    {
        // A key of the gateway's own has been taken off; then its name tells callers apart.
        var headers = context.Request.Headers;
        string? credentials = headers.Authorization, cookie = headers.Cookie;
        credentials ??= context.User.FindFirst(Caller.KeyClaim) is null ? null : $"key {context.User.Identity?.Name}";
        return credentials is null && cookie is null
            ? key
            : $"{key}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{credentials}\n{cookie}")))}";
    }

    private static byte[] Fingerprint(HttpRequest request, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.PathBase}{request.Path}{request.QueryString}\n{request.ContentType}\n"));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }

    private async Task<bool> AcceptedAsync(HttpContext context, string id, int retryAfter)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers.Location = JobAddress.Of(id);
        response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
        var waited = preferences.Wait is { } wait ? string.Create(CultureInfo.InvariantCulture, $"wait={wait.TotalSeconds}") : null;
        string?[] applied = [preferences.RespondAsync ? "respond-async" : null, waited];
        if (applied.Any(each => each is not null))
        {
            response.Headers[Preferences.AppliedHeader] = string.Join(", ", applied.Where(each => each is not null));
        }

        await response.WriteAsJsonAsync(new AcceptedView(id, backend, JobAddress.Of(id), JobAddress.ResultOf(id), time.GetElapsedTime(_asked).TotalSeconds));
        return true;
    }

    private static async Task<bool> AnswerAsync(HttpContext context, Problem problem)
    {
        await problem.WriteAsync(context);
        return true;
    }

    private sealed record AcceptedView(string Id, string Backend, string Href, string Result, double Waited);
}
