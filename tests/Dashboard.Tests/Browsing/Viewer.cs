using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Admission.Dashboard.Tests.Browsing;

/// <summary>One viewer with a page, and what its browser has asked for and complained of.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly IBrowserContext? _own;
    private long _received;

    public Viewer(IPage page, IBrowserContext? own)
    {
        (Page, _own) = (page, own);
        page.Request += (_, request) => Requested.Add(request.Url);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                Complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => Complaints.Add(error);
        page.WebSocket += (_, socket) =>
        {
            Requested.Add(socket.Url);
            socket.FrameReceived += (_, frame) => Interlocked.Add(ref _received, frame.Binary?.Length ?? frame.Text?.Length ?? 0);
        };
    }

    public IPage Page { get; }

    public ConcurrentBag<string> Requested { get; } = [];

    public ConcurrentBag<string> Complaints { get; } = [];

    /// <summary>Bytes that the live connection has brought.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>By how many pixels the page scrolls sideways.</summary>
    public Task<int> OverflowAsync() => Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

    public async ValueTask DisposeAsync()
    {
        await Page.CloseAsync();
        await (_own?.DisposeAsync() ?? default);
    }
}
