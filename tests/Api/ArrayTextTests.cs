using System.Globalization;
using Xunit;

namespace Autodiff.Api;

/// <summary>What NumPy's str printed for the same values.</summary>
public class ArrayTextTests
{
    [Fact]
    public void Matrices_stand_in_columns() =>
        Prints("[[0.5 1.5 2.5]\n [3.5 4.5 5.5]]", new[,] { { 0.5, 1.5, 2.5 }, { 3.5, 4.5, 5.5 } });

    [Fact]
    public void Axes_beyond_two_are_set_apart_by_empty_lines() =>
        Prints("[[[0. 1.]\n  [2. 3.]]\n\n [[4. 5.]\n  [6. 7.]]]", NDArray.Arange(8).Reshape(2, 2, 2));

    [Fact]
    public void Wide_ranges_use_scientific_form()
    {
        Prints("[1.00000000e+00 1.00000000e-01 1.00000000e-03 1.23456789e+02]", new[] { 1, 0.1, 1e-3, 123.456789012345 });
        Prints("[1.e-05 1.e+00    nan   -inf]", new[] { 1e-5, 1, double.NaN, double.NegativeInfinity });
        Prints("[1.0e+100 1.5e+000]", new[] { 1e100, 1.5 });
    }

    [Fact]
    public void Values_that_are_not_finite_have_names() =>
        Prints("[ 1. nan inf]", new[] { 1, double.NaN, double.PositiveInfinity });

    [Fact]
    public void Zero_keeps_its_sign() => Prints("[-0.    0.    2.25]", new[] { -0.0, 0, 2.25 });

    [Fact]
    public void The_ninth_digit_is_rounded_half_to_even() =>
        Prints("[0.00195312 0.00585938]", new[] { 1 / 512.0, 3 / 512.0 });

    [Fact]
    public void Float32_shows_no_more_digits_than_tell_it_from_its_neighbours()
    {
        Prints("[0.1        0.33333334]", new[] { 0.1f, 1 / 3f });
        Prints("[1.0000000e+10 1.2345678e-05]", new[] { 1e10f, 1.2345678e-5f });
        Prints("[98628544. 66695072.]", new[] { 98628544f, 66695072f });
    }

    [Fact]
    public void Integers_and_truth_values_align_right()
    {
        Prints("[[  1 -20]\n [300   4]]", new[,] { { 1, -20 }, { 300, 4 } });
        Prints("[[ True False]\n [ True  True]]", new[,] { { true, false }, { true, true } });
    }

    [Fact]
    public void Scalars_have_all_their_digits()
    {
        Prints("415.4287934927351", 415.4287934927351);
        Prints("3.0", 3.0);
        Prints("1e-05", 1e-5);
        Prints("1e+16", 1e16);
        Prints("0.1", 0.1f);
        Prints("98628540.0", 98628544f);
        Prints("-7", -7);
        Prints("True", true);
        Prints("nan", double.NaN);
    }

    [Fact]
    public void Empty_arrays_print_as_empty_brackets() => Prints("[]", NDArray.Zeros(2, 0, 3));

    [Fact]
    public void Long_rows_wrap() => Prints(
        "[ 0.   1.1  2.2  3.3  4.4  5.5  6.6  7.7  8.8  9.9 11.  12.1 13.2 14.3\n 15.4 16.5 17.6 18.7 19.8 20.9]",
        NDArray.Arange(20) * 1.1);

    [Fact]
    public void More_than_1000_elements_show_their_edges()
    {
        Prints("[   0    1    2 ...  998  999 1000]", NDArray.Arange(0, 1001, 1, DType.Int32));
        const string row = "[0. 0. 0. ... 0. 0. 0.]";
        Prints($"[{row}\n {row}\n {row}\n ...\n {row}\n {row}\n {row}]", NDArray.Zeros(2000, 2000));
    }

    [Fact]
    public void The_text_is_bounded_for_any_rank()
    {
        foreach (var (size, rank) in new[] { (2, 20), (7, 7), (4, 10), (1, 300) })
        {
            var text = NDArray.Zeros([.. Enumerable.Repeat(size, rank)], DType.Bool).ToString();
            Assert.InRange(text.Length, 1, 50_000);
        }
    }

    [Fact]
    public void The_culture_has_no_say()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            Prints("[-0.5  1.5]", new[] { -0.5, 1.5 });
            Prints("[-1e-05]".Replace("-1e", "-1.e", StringComparison.Ordinal), new[] { -1e-5 });
            Prints("-3", -3);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static void Prints(string expected, NDArray array) => Assert.Equal(expected, array.ToString());
}
