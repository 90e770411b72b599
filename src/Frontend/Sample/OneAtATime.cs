namespace Admission.Frontend.Sample;

/// <summary>A server that works on one request at a time, and remembers how many it ever had inside.</summary>
internal sealed class OneAtATime(string name, TimeProvider time)
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _one = new(1);
    private int _inside;
    private int _greatest;
    private int _served;

    /// <summary>Answers a request after the work.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        var inside = Interlocked.Increment(ref _inside);
        for (var greatest = _greatest; inside > greatest; greatest = _greatest)
        {
            Interlocked.CompareExchange(ref _greatest, inside, greatest);
        }

        try
        {
            // Like a single-process server, it does not look whether anybody still waits for the answer.
            await _one.WaitAsync();
            try
            {
                await Task.Delay(Work, time);
            }
            finally
            {
                _one.Release();
            }

            var number = Interlocked.Increment(ref _served);
            await context.Response.WriteAsync($"Sample destination {name}: request {number} done, never more than {_greatest} inside at once.\n");
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}
