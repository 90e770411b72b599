using System.Globalization;
using System.IO.Pipelines;
using Admission.Frontend.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Holding;

/// <content>How it ends: with the answer, with a problem, or because the gateway shuts down.</content>
internal sealed partial class HeldConnection
{
    private TaskCompletionSource? _ending;

    /// <summary>The request has been answered, one way or another: what is not with the client yet goes there.</summary>
    public Task FinishAsync() => FinishAsync(completes: false);

    /// <summary>Something between the gateway's parts has failed. Who has been sent a status already is told in words; the others get the server's usual answer.</summary>
    public async Task FailAsync()
    {
        bool isQuiet;
        lock (_gate)
        {
            isQuiet = _stage == Stage.Quiet;
            _taken |= isQuiet;
            _broken = true;
        }

        await (isQuiet ? LetGoAsync() : FinishAsync(completes: true));
    }

    /// <summary>Ends it from outside, with a problem: the gateway shuts down. Does nothing if the answer goes to the client already.</summary>
    public async Task EndAsync(Problem problem)
    {
        bool isQuiet;
        lock (_gate)
        {
            if (_taken || _stage is Stage.Passing or Stage.Over)
            {
                return;
            }

            isQuiet = _stage == Stage.Quiet;
            _stage = Stage.Over;
            _ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        try
        {
            await TakeOverAsync();
            _desk.End(this);
            if (isQuiet)
            {
                var body = problem.ToJson();
                _response.StatusCode = problem.Status;
                var headers = _response.Headers;
                Fill(headers, problem);
                headers.ContentLength = body.Length;
                await _body.StartAsync();
                await _body.Writer.WriteAsync(body);
            }
            else
            {
                var told = new HeaderDictionary();
                Fill(told, problem);
                await WriteOutcomeAsync(new HeldAnswer(Backend, problem.Status, told, problem.ToJson()));
            }

            await _body.CompleteAsync();
        }
        catch (Exception failed)
        {
            Failed(failed);
        }
        finally
        {
            _ending.SetResult();
        }
    }

    private static void Fill(IHeaderDictionary headers, Problem problem)
    {
        headers.ContentType = Problem.ContentType;
        headers[Problem.ReasonHeader] = problem.Reason;
        if (problem.RetryAfter is { } seconds)
        {
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
    }

    private async Task FinishAsync(bool completes)
    {
        try
        {
            if (!_lifetime.RequestAborted.IsCancellationRequested)
            {
                await FlushWriterAsync();
                await FinishAnswerAsync();
                if (completes && _stage == Stage.Over)
                {
                    // The server would break it off for the exception.
                    await _body.CompleteAsync();
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && _lifetime.RequestAborted.IsCancellationRequested)
        {
            // The client has left.
        }
        finally
        {
            await LetGoAsync();
        }
    }

    private async Task FinishAnswerAsync()
    {
        if (!_started && !_broken)
        {
            // No body: a 204 of the backend's, or what nobody has answered because its client had left.
            await StartAsync();
        }

        if (_stage == Stage.Looking)
        {
            await LookAsync(default, isAll: true, CancellationToken.None);
        }

        await TakeOverAsync();
        lock (_gate)
        {
            if (_stage is Stage.Passing or Stage.Over)
            {
                return;
            }

            _stage = Stage.Over;
        }

        await WriteOutcomeAsync(_broken ? Tell(Broken()) : _tooLarge ? Tell(TooLarge()) : new HeldAnswer(Backend, StatusCode, _headers, _kept?.WrittenMemory ?? default));
    }

    private async Task WriteOutcomeAsync(HeldAnswer answer)
    {
        _format.Write(_body.Writer, answer);
        Say(answer.Status, answer.IsProblem ? answer.Headers[Problem.ReasonHeader].ToString() : null);
        await _body.Writer.FlushAsync();
    }

    // For who reads trailers: HTTP/2 has them, HTTP/1.1 where the server does.
    private void Say(int status, string? reason)
    {
        if (_trailers is { Trailers.IsReadOnly: false })
        {
            _trailers.Trailers[HoldDesk.StatusTrailer] = status.ToString(CultureInfo.InvariantCulture);
            if (reason is not null)
            {
                _trailers.Trailers[Problem.ReasonHeader] = reason;
            }
        }
    }

    private HeldAnswer Tell(Problem problem)
    {
        var headers = new HeaderDictionary();
        Fill(headers, problem);
        return new HeldAnswer(Backend, problem.Status, headers, problem.ToJson());
    }

    private Problem Broken() => new(
        StatusCodes.Status502BadGateway, "backend-response-failed", "The backend's answer broke off", "The connection to the backend ended before its answer did.", Backend);

    private Problem TooLarge() => new(
        StatusCodes.Status502BadGateway, "result-too-large", "The backend's answer is too large for a held connection",
        $"The backend has answered {StatusCode}, which does not go on as it is over this connection, and with more than {Settings.MaxResult} bytes (Hold:MaxResult) or more than the gateway's buffers have room for.",
        Backend);

    // Whoever comes after sees the server's own response again, and nothing of ours touches it any more: it may be another request's soon.
    private async Task LetGoAsync()
    {
        await TakeOverAsync();
        Task? ending;
        lock (_gate)
        {
            _stage = Stage.Over;
            ending = _ending?.Task;
        }

        await (ending ?? Task.CompletedTask);
        _desk.End(this);
        GiveBack();
        var features = _context.Features;
        features.Set(_response);
        features.Set(_body);
        features.Set(_lifetime);
        if (_reset is not null)
        {
            features.Set(_reset);
        }
    }
}
