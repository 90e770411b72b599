using Admission.Frontend.Api.Operating;

namespace Admission.Cli.Top;

/// <summary>What <c>top</c> knows: the last answer, since when there is none, by what it is sorted, and where the reader is.</summary>
internal sealed class TopModel(TopSort sort)
{
    private OverviewView? _last;
    private string? _selected;

    /// <summary>The backends in their order.</summary>
    public IReadOnlyList<TopRow> Rows { get; private set; } = [];

    /// <summary>The length of the longest name.</summary>
    public int LongestName => Rows.Select(row => row.Backend.Id.Length).DefaultIfEmpty(0).Max();

    /// <summary>By what they are sorted.</summary>
    public TopSort Sort { get; private set; } = sort;

    /// <summary>When the gateway last answered, by its own clock; null before it has.</summary>
    public DateTimeOffset? At => _last?.At;

    /// <summary>Since when it does not answer, by this machine's clock; null if it does.</summary>
    public DateTimeOffset? AwaySince { get; private set; }

    /// <summary>Why it does not.</summary>
    public string? Away { get; private set; }

    /// <summary>The first row that is shown.</summary>
    public int First { get; private set; }

    /// <summary>The row where the reader is.</summary>
    public int Selected => Math.Max(0, Rows.Select((row, i) => (row, i)).FirstOrDefault(each => each.row.Backend.Id == _selected).i);

    /// <summary>Takes an answer.</summary>
    public void Took(OverviewView overview)
    {
        (_last, AwaySince, Away) = (overview, null, null);
        Rows = TopRow.Sorted(overview.Backends.Select(row => new TopRow(row)), Sort);
    }

    /// <summary>There is no answer.</summary>
    public void Missed(string why, DateTimeOffset now)
    {
        AwaySince ??= now;
        Away = why;
    }

    /// <summary>Takes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="page">Rows that there is room for.</param>
    /// <returns>Whether to go on.</returns>
    public bool Press(ConsoleKeyInfo key, int page)
    {
        switch (key)
        {
            case { Key: ConsoleKey.Q or ConsoleKey.Escape }:
                return false;
            case { Key: ConsoleKey.UpArrow or ConsoleKey.K }:
                Move(-1);
                break;
            case { Key: ConsoleKey.DownArrow or ConsoleKey.J }:
                Move(1);
                break;
            case { Key: ConsoleKey.PageUp }:
                Move(-page);
                break;
            case { Key: ConsoleKey.PageDown }:
                Move(page);
                break;
            case { Key: ConsoleKey.Home }:
                Move(-Rows.Count);
                break;
            case { Key: ConsoleKey.End }:
                Move(Rows.Count);
                break;
            case { Key: ConsoleKey.S or ConsoleKey.RightArrow }:
                SortBy((TopSort)(((int)Sort + 1) % Sorts));
                break;
            case { Key: ConsoleKey.LeftArrow }:
                SortBy((TopSort)(((int)Sort + Sorts - 1) % Sorts));
                break;
        }

        return true;
    }

    /// <summary>Keeps the reader's row in sight.</summary>
    /// <param name="page">Rows that there is room for.</param>
    /// <returns>The rows to show.</returns>
    public IEnumerable<TopRow> Page(int page)
    {
        var selected = Selected;
        First = Math.Clamp(First, Math.Max(0, selected - page + 1), selected);
        First = Math.Clamp(First, 0, Math.Max(0, Rows.Count - page));
        return Rows.Skip(First).Take(page);
    }

    private static int Sorts => Enum.GetValues<TopSort>().Length;

    // A row stays where the reader has gone, however the order changes; who has gone nowhere sees the top.
    private void Move(int by) => _selected = Rows.Count == 0 ? null : Rows[Math.Clamp(Selected + by, 0, Rows.Count - 1)].Backend.Id;

    private void SortBy(TopSort sort)
    {
        Sort = sort;
        Rows = TopRow.Sorted(Rows, sort);
        _selected = null;
    }
}
