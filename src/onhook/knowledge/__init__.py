"""The help centre's articles: who may read which part of them."""
